"""The pytest plugin for whoever has a site, or a program that talks to one, tested in CI: docs/reference/pytest-plugin.md.

    def test_the_bollard_waits_for_the_lorry(site):
        site.occupy("gate-loop")
        assert site.device("gate-bollard").refused("raise").rule == "R09"

pytest loads this module at each of its starts, so it imports nothing of rempart until a fixture is asked for.
"""

from __future__ import annotations

from argparse import ArgumentError
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from simulators.testing.reset import Resetter
    from simulators.testing.site import Site

T = TypeVar("T")
SITE_FILE = "site.yaml"
RUNNING: pytest.StashKey[Resetter] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and the key of the ini file."""
    group = parser.getgroup("rempart", "rempart: tests of a protected site")
    group.addoption(
        "--rempart-site",
        metavar="SITE",
        help="folder with a site.yaml, or the name of a shipped site, that the fixture `site` runs",
    )
    bench = {"dest": "rempart_bench", "metavar": "FILE", "help": "drive the equipment that this bench file names"}
    try:
        group.addoption("--bench", "--rempart-bench", **bench)
    except (ArgumentError, ValueError):  # another plugin has `--bench`
        group.addoption("--rempart-bench", **bench)
    parser.addini("rempart_site", "what --rempart-site says, relative to the root folder of the tests")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what could not work."""
    bench = config.getoption("rempart_bench")
    if bench is None:
        return
    if not Path(config.invocation_params.dir, bench).is_file():
        raise pytest.UsageError(f"--bench={bench}: there is no such file")
    if config.getoption("numprocesses", None):
        raise pytest.UsageError(
            "--bench with -n: one controller commands a device, so its tests run one after the other"
        )


@pytest.fixture(scope="module")
def rempart_site(pytestconfig: pytest.Config) -> str | Path:
    """Return which site the fixture `site` runs. Define a fixture of this name to choose it in a module or a conftest.py."""
    option, ini = pytestconfig.getoption("rempart_site"), pytestconfig.getini("rempart_site")
    if option:
        here = Path(pytestconfig.invocation_params.dir, option)
        return here if here.exists() else str(option)
    if ini:
        return str(ini)
    pytest.fail(
        "which site? give --rempart-site=SITE, or `rempart_site` in the ini file or as a fixture",
        pytrace=False,
    )


@pytest.fixture(scope="module")
def rempart_running(
    request: pytest.FixtureRequest, rempart_site: str | Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Resetter]:
    """Run the site for the tests of a module; a test asks for `site`."""
    from simulators.testing.reset import Resetter
    from simulators.testing.stage import Stage

    folder = _site_folder(rempart_site, request.config)
    bench = request.config.getoption("rempart_bench")
    given = None if bench is None else Path(request.config.invocation_params.dir, bench)
    running = Resetter(Stage(folder, tmp_path_factory.mktemp(f"rempart-{folder.name}"), given))
    try:
        _started(running.start)
        yield running
    finally:
        running.end()


@pytest.fixture
def site(request: pytest.FixtureRequest, rempart_running: Resetter) -> Site:
    """Return the running site, with nothing broken and nobody on the street, and its devices as they were at first."""
    request.node.stash[RUNNING] = rempart_running
    return _started(rempart_running.tidied)


@pytest.fixture
def fresh_site(request: pytest.FixtureRequest, rempart_running: Resetter) -> Site:
    """Return the site, started for this test: an empty journal, and nothing counted yet."""
    request.node.stash[RUNNING] = rempart_running
    return _started(rempart_running.fresh)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach to the report of a test that failed how the site was, and what its processes said meanwhile."""
    report = yield
    running = item.stash.get(RUNNING, None)
    if running is not None and report.failed and report.when != "teardown":
        report.sections += running.report()
    return report


def _started(start: Callable[[], T]) -> T:
    """Return what `start` gives; where the site does not start, fail with what its processes said, and no traceback."""
    from simulators.testing.errors import StartFailed

    try:
        return start()
    except StartFailed as error:
        why = str(error)
    pytest.fail(why, pytrace=False)


def _site_folder(given: str | Path, config: pytest.Config) -> Path:
    import simulators

    shipped = Path(str(simulators.__file__)).parent.parent / "sites"
    for folder in (Path(config.rootpath, given), shipped / given):
        if (folder / SITE_FILE).is_file():
            return folder
        if folder.is_file() and folder.name == SITE_FILE:
            return folder.parent
    known = ", ".join(sorted(file.parent.name for file in shipped.glob(f"*/{SITE_FILE}")))
    pytest.fail(f"{given}: no such site (expected a folder with a {SITE_FILE}, or one of: {known})", pytrace=False)
