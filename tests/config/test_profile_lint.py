"""`rempart check --profile`: what is wrong with a profile whatever site uses it, and where it stands in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.config.located import Problem
from controller.config.profile_lint import lint
from controller.config.profiles import shipped

SHIPPED = sorted(path.stem for path in shipped().glob("*.yaml"))
GOOD = """\
profile: acme
title: Acme IO
protocol: modbus
source: "Acme manual, p. 1"
points:
  di:
    table: discrete
    address: 0
    count: 4
    source: "Acme manual, p. 2"
  do:
    table: coil
    address: 0
    count: 2
    writable: true
    readback: do
    source: "Acme manual, p. 2"
  level:
    table: input
    address: 0
    type: u16
    scale: 0.1
    unit: V
    source: "Acme manual, p. 3"
  code:
    table: holding
    address: 0
    type: u16
    source: "Acme manual, p. 3"
  broken:
    table: holding
    address: 0
    type: u16
    equals: 3
    source: "Acme manual, p. 3"
  total:
    table: holding
    address: 2
    type: u32
    source: "Acme manual, p. 3"
  low:
    table: holding
    address: 9
    type: u16
    mask: 0x00FF
    source: "Acme manual, p. 3"
  high:
    table: holding
    address: 9
    type: u16
    mask: 0xFF00
    source: "Acme manual, p. 3"
"""


def found(folder: Path, text: str) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    path = folder / "acme.yaml"
    path.write_text(text, encoding="utf-8")
    verdict = lint(path)
    return verdict.problems, verdict.warnings


def test_the_profile_that_these_tests_spoil_is_good(tmp_path: Path):
    assert found(tmp_path, GOOD) == ((), ())


MISTAKES = {
    "one coil, two names": ("  level:\n    table: input\n    address: 0\n    type: u16\n    scale: 0.1\n    unit: V\n",
        "  level:\n    table: coil\n    address: 1\n", "level", "`level` is the same place as `do1` of the row `do`"),
    "one register, two names": ("  low:\n    table: holding\n    address: 9\n    type: u16\n    mask: 0x00FF\n",
        "  low:\n    table: holding\n    address: 0\n    type: u16\n", "low", "`low` is the same place as `code`"),
    "half of a longer value": ("    address: 9\n    type: u16\n    mask: 0x00FF", "    address: 3\n    type: u16", "low",
        "`low` is the same place as `total`"),
    "a code in half of a longer value": ("    address: 9\n    type: u16\n    mask: 0x00FF",
        "    address: 3\n    type: u16\n    equals: 1", "low", "`low` is the same place as `total`"),
    "masks that share a bit": ("mask: 0xFF00", "mask: 0x0FF0", "high", "`high` is the same place as `low`"),
    "one fact twice": ("  total:\n    table: holding\n    address: 2\n    type: u32\n",
        "  total:\n    table: holding\n    address: 0\n    type: u16\n    equals: 3\n", "total",
        "`total` is the same place as `broken`"),
    "a quantity of nothing": ("    unit: V\n", "", "level", "`unit` is missing: a value with a scale (0.1) is a quantity"),
    "read back by nobody": ("readback: do\n", "readback: dou\n", "dou", "did you mean `do`?"),
    "read back by other points": ("readback: do\n", "readback: di\n", "di", "`di` has 4 points, expected 2"),
    "an input that is read back": ("    count: 4\n", "    count: 4\n    readback: di\n", "readback",
        "cannot be written, so there is nothing to read back"),
    "a speed that lives too long": ("    unit: V\n", "    unit: km/h\n    max_age_s: 9\n", "9", "9 s is too long for a speed"),
    "no limit switch lives that long": ("  broken:\n", "  raised:\n    max_age_s: 6\n", "6",
        "6 s is too long for what is called `raised`: at most 5 s"),
    "a text that is compared": ("    address: 0\n    type: u16\n    equals: 3\n",
        "    address: 0\n    type: text\n    equals: three\n", "type", "is a contact, and no text: remove `type`"),
    "an identity of no point": ("points:\n", "identity: {cod: 4}\npoints:\n", "cod", "did you mean `code`?"),
    "a row without a source": ('    count: 4\n    source: "Acme manual, p. 2"\n', "    count: 4\n", "di", "`source` is missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_where_it_stands(name: str, tmp_path: Path):
    old, new, at, says = MISTAKES[name]
    assert GOOD.count(old) == 1
    text = GOOD.replace(old, new)
    (problem,), _ = found(tmp_path, text)
    assert says in problem.message
    assert text.splitlines()[problem.line - 1][problem.column - 1 :].startswith(at)


@pytest.mark.parametrize("source", ["todo", "TBD.", "???", "see manual", "the manual"])
def test_a_source_that_nobody_can_open_is_none(source: str, tmp_path: Path):
    (problem,), _ = found(tmp_path, GOOD.replace("Acme manual, p. 1", source))
    assert problem.message.startswith(f"source: `{source}` names no place")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    readback: do\n", "", "points.do: no `readback`: nothing on this wire tells whether the output switched"),
        (
            "    count: 4\n",
            "    count: 4\n    max_age_s: 6\n",
            "points.di.max_age_s: 6 s: no limit switch, key, stop, edge or loop",
        ),
    ],
)
def test_what_a_site_has_to_know_is_a_warning(old: str, new: str, says: str, tmp_path: Path):
    problems, (warning,) = found(tmp_path, GOOD.replace(old, new, 1))
    assert problems == ()
    assert warning.message.startswith(says)


def test_what_a_watchdog_writes_is_proven_by_its_status(tmp_path: Path):
    watchdog = 'watchdog:\n  feed: do0\n  arm: [[do1, 1]]\n  status: code\n  source: "Acme manual, p. 4"\n'
    assert found(tmp_path, GOOD.replace("    readback: do\n", "") + watchdog) == ((), ())


@pytest.mark.parametrize("name", SHIPPED)
def test_the_library_has_no_mistakes(name: str):
    verdict = lint(shipped() / f"{name}.yaml")
    assert verdict.problems == ()
    assert verdict.profile is not None


def test_the_outputs_of_the_library_that_nobody_can_look_at():
    warned = {
        name: [w.message.partition(":")[0] for w in lint(shipped() / f"{name}.yaml").warnings] for name in SHIPPED
    }
    assert {name: rows for name, rows in warned.items() if rows} == {
        "barrier-points-fr": ["points.open_order", "points.close_order"],
        "bollard-points-fr": ["points.raise", "points.lower"],
        "moxa-e1214": ["points.clear_counter"],
        "roger-b70": ["points.command"],
        "waveshare-io-8ch": ["points.do"],
    }
