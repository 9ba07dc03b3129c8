"""`rempart trouble` with simulators that really run, and what it sends for which words."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from controller.cli import troubles
from controller.cli.exits import Exit, Failure
from controller.cli.trouble import USAGE, request
from controller.cli.world import lines
from controller.statefolder import make_folder
from simulators import bench
from simulators.mishaps import TABLE
from simulators.run import Options, Running, running
from tests.cli.desk import Shell

OPTION_KEYS = {"name", "type", "words", "default", "above", "least", "most", "among", "required"}
SITE = Path(__file__).parents[2] / "sites" / "nice-promenade"


@pytest.fixture
async def field(shell: Shell) -> AsyncIterator[Running]:
    """The relays of Masséna, simulated where the shell looks for simulators."""
    runtime = make_folder(shell.runtime / "rempart" / "nice-promenade")
    async with running(SITE, Options(only=("massena-relays",), traffic=False), runtime) as field:
        yield field


async def test_a_loop_is_occupied_and_vacated(shell: Shell, field: Running) -> None:
    occupied = await shell.rempart("trouble", "occupy", "massena-loop")
    assert occupied.out == "occupy: vehicle parked-on-massena-loop\n"
    world = json.loads((await shell.rempart("trouble", "world", "--json")).out)["world"]
    assert world["loops"]["massena-loop"] is True
    await shell.rempart("trouble", "vacate", "massena-loop")
    world = json.loads((await shell.rempart("trouble", "world", "--json")).out)["world"]
    assert world["loops"]["massena-loop"] is False


async def test_the_world_is_told_in_one_line_a_plant(shell: Shell, field: Running) -> None:
    await shell.rempart("trouble", "occupy", "massena-loop")
    said = (await shell.rempart("trouble", "world")).out.splitlines()
    told = {line.split()[0]: " ".join(line.split()[1:]) for line in said}
    assert told["massena-loop"] == "occupied"
    assert told["massena-boom"].startswith("steel at 0.00, blocks the way")
    assert told["massena-signal"] == "lit: no lamp"
    assert "parked-on-massena-loop" in told["vehicle"]
    assert said[-1] == "no violations"
    assert max(map(len, said)) <= 80


def test_a_violation_is_told_in_capitals() -> None:
    strike = {"at": 1.25, "kind": "strike", "plant": "boom", "detail": "steel moved against a"}
    empty: dict[str, Any] = {"steel": {}, "secured": {}, "lamps": {}, "loops": {}, "people": {}, "vehicles": []}
    assert lines({**empty, "violations": [strike]})[-1] == "VIOLATION strike boom: steel moved against a (at 1.2 s)"


async def test_what_is_broken_is_listed_and_repaired(shell: Shell, field: Running) -> None:
    broken = await shell.rempart("trouble", "silence", "massena-relays", "--for", "900")
    assert broken.out == "trouble-1: silence massena-relays, for 900 s\n"
    assert "trouble-1: silence massena-relays" in (await shell.rempart("trouble", "list")).out
    assert (await shell.rempart("trouble", "clear", "massena-relays")).out == "repaired: trouble-1\n"
    told = (await shell.rempart("trouble", "list")).out.splitlines()
    assert told[-3:] == ["what is broken now:", "  nothing is broken", "  traffic is off"]


async def test_the_list_has_every_kind_of_the_table_under_what_it_befalls(shell: Shell, field: Running) -> None:
    told = (await shell.rempart("trouble", "list")).out.splitlines()
    assert max(map(len, told)) <= 80
    heading, kinds = "", []
    for line in told[: told.index("what is broken now:")]:
        if line and not line.startswith(" "):
            heading = line
        elif re.match(r"  [a-z]", line):
            kinds.append((troubles.HEADINGS[TABLE[line.split()[0]].group.value], line.split()[0]))
            assert kinds[-1][0] == heading
    assert [kind for _, kind in kinds] == list(TABLE)
    said = " ".join(" ".join(told).split())
    for kind in TABLE.values():
        assert kind.words in said
        assert all(f" {name}=" in said for name in kind.options)


async def test_programs_get_every_kind_with_every_key(shell: Shell, field: Running) -> None:
    told = json.loads((await shell.rempart("trouble", "list", "--json")).out)
    assert told.keys() == {"kinds", "troubles", "traffic", "links"}
    assert [kind["kind"] for kind in told["kinds"]] == list(TABLE)
    for kind in told["kinds"]:
        assert kind.keys() == {"kind", "group", "target", "wires", "words", "options", "for_s"}
        for option in kind["options"]:
            assert option.keys() == OPTION_KEYS
    (exception,) = [kind for kind in told["kinds"] if kind["kind"] == "exception"]
    assert exception["wires"] == ["modbus-tcp", "modbus-rtu"]
    assert [(o["name"], o["type"], o["default"], o["least"], o["most"]) for o in exception["options"]] == [
        ("code", "integer", 6, 1, 255)
    ]


def test_the_usage_names_every_kind_and_none_that_there_is_not() -> None:
    table = USAGE.partition("      a link or a unit\n")[2].partition("  clear ")[0]
    named = [word for line in table.splitlines() for word in line[28:].split()]
    assert sorted(named) == sorted(TABLE)
    assert max(map(len, USAGE.splitlines())) <= 80


async def test_the_simulators_of_a_bench_file(shell: Shell, field: Running, tmp_path: Path) -> None:
    bench.write(tmp_path / "bench.yaml", field.links, field.control.path)
    shell.more = {"XDG_RUNTIME_DIR": "/nowhere"}
    ended = await shell.rempart("trouble", "list", "--json", "--bench", tmp_path / "bench.yaml")
    assert json.loads(ended.out)["troubles"] == []


@pytest.mark.parametrize("words", [("blow-up", "massena-relays"), ("silence", "nowhere"), ("occupy", "nowhere")])
async def test_what_makes_no_sense_is_answered_with_what_would(
    shell: Shell, field: Running, words: tuple[str, str]
) -> None:
    ended = await shell.rempart("trouble", *words)
    assert ended.code == Exit.USAGE
    assert "expected one of" in ended.err


async def test_without_simulators_nothing_is_broken(shell: Shell) -> None:
    ended = await shell.rempart("trouble", "silence", "albert")
    assert ended.code == Exit.NO_CONTROLLER
    assert "real equipment is not broken on purpose" in ended.err


async def test_a_bench_file_that_is_none_is_named(shell: Shell, tmp_path: Path) -> None:
    missing = await shell.rempart("trouble", "list", "--bench", tmp_path / "none.yaml")
    (tmp_path / "empty.yaml").write_text("links: {}\n")
    empty = await shell.rempart("trouble", "list", "--bench", tmp_path / "empty.yaml")
    assert (missing.code, empty.code) == (Exit.USAGE, Exit.USAGE)
    assert "none.yaml" in missing.err
    assert "control" in empty.err


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        ("list", {"do": "list"}),
        ("clear", {"do": "clear"}),
        ("clear t", {"do": "clear", "which": "t"}),
        ("occupy l", {"do": "occupy", "loop": "l"}),
        ("vacate", {"do": "vacate"}),
        ("drive a kmh=90", {"do": "drive", "lane": "a", "kmh": 90}),
        ("move b to=0.5", {"do": "move", "plant": "b", "to": 0.5}),
        ("local b on", {"do": "local", "plant": "b", "on": True}),
        ("contact c off", {"do": "contact", "plant": "c", "disturbed": False}),
        ("people p count=9", {"do": "people", "plant": "p", "count": 9}),
        ("traffic off", {"do": "traffic", "on": False}),
        ("freeze u.p value=true", {"do": "trouble", "kind": "freeze", "target": "u.p", "value": True}),
        ("lamp-out s lamp=go", {"do": "trouble", "kind": "lamp-out", "target": "s", "lamp": "go"}),
    ],
)
def test_words_become_a_request(words: str, sent: dict[str, Any]) -> None:
    what, *rest = words.split()
    assert request(what, rest) == sent


@pytest.mark.parametrize("words", ["occupy", "occupy a b", "local b", "local b up", "traffic", "list x", "silence"])
def test_words_that_are_missing_or_too_many_are_a_mistake(words: str) -> None:
    what, *rest = words.split()
    with pytest.raises(Failure) as failure:
        request(what, rest)
    assert failure.value.code is Exit.USAGE


async def test_only_troubles_end_by_themselves(shell: Shell) -> None:
    assert (await shell.rempart("trouble", "occupy", "l", "--for", "3")).code == Exit.USAGE
