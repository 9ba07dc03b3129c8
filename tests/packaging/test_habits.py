"""The net under the tests themselves: a lost exception, a missing tool and a skip are told."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).parent.parent / "conftest.py"
INI = "[pytest]\nasyncio_mode = auto\nmarkers =\n    needs(*tools): system tools\n"


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty suite under this project's conftest, on a developer's machine."""
    monkeypatch.setenv("CI", "")
    monkeypatch.setenv("REMPART_REQUIRE_ALL", "")
    pytester.makeini(INI)
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    return pytester


def test_an_async_test_that_loses_a_task_fails(suite: pytest.Pytester):
    suite.makepyfile("""
        import asyncio

        async def die():
            raise ValueError("nobody looks")

        async def test_running():
            asyncio.create_task(die())
            await asyncio.sleep(0)

        async def test_still_to_run():
            asyncio.create_task(die())

        async def test_callback():
            asyncio.get_running_loop().call_soon(lambda: 1 / 0)
            await asyncio.sleep(0)
    """)
    result = suite.runpytest_subprocess()
    result.assert_outcomes(passed=3, errors=3)
    result.stdout.fnmatch_lines(["*lost in the background*nobody looks*"])


def test_an_async_test_that_looks_passes(suite: pytest.Pytester):
    suite.makepyfile("""
        import asyncio
        import pytest

        async def die():
            raise ValueError

        async def test_awaited():
            with pytest.raises(ValueError):
                await asyncio.create_task(die())

        async def test_on_purpose(lost_exceptions):
            asyncio.get_running_loop().call_soon(lambda: 1 / 0)
            await asyncio.sleep(0)
            lost_exceptions.clear()
    """)
    suite.runpytest_subprocess().assert_outcomes(passed=2)


SKIPPING = """
    import pytest

    @pytest.mark.needs("no-such-tool")
    def test_by_marker():
        pass

    def test_by_fixture(require):
        require("no-such-tool")

    @pytest.mark.skip(reason="because")
    def test_plain():
        pass

    @pytest.mark.xfail(reason="known")
    def test_known():
        assert False

    def test_present(require):
        assert require("sh").is_file()
"""


def test_a_missing_tool_is_skipped_with_its_reason_on_a_developers_machine(suite: pytest.Pytester):
    suite.makepyfile(SKIPPING)
    result = suite.runpytest_subprocess("-rs")
    result.assert_outcomes(passed=1, skipped=3, xfailed=1)
    result.stdout.fnmatch_lines(["*no-such-tool: no such program*make system-deps*"])


@pytest.mark.parametrize("variable", ["CI", "REMPART_REQUIRE_ALL"])
def test_nothing_is_skipped_where_everything_is_required(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, variable: str
):
    monkeypatch.setenv(variable, "true")
    suite.makepyfile(SKIPPING)
    result = suite.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    outcomes = result.parseoutcomes()
    assert "skipped" not in outcomes
    assert outcomes["failed"] + outcomes["errors"] == 3
