"""A simulation.yaml of a wrong form is refused in plain words, with the line and the column."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulators.build import build
from simulators.clock import Clock
from simulators.errors import SimulationError

GATE = """\
site: gate
links:
  cabinet: {protocol: modbus-tcp}
units:
  io: {link: cabinet, profile: moxa-e1214, address: 1}
lanes:
  drive: {length_m: 60}
plants:
  bar:
    type: boom
    lane: drive
    at_m: 40
    travel_s: 3
    channels: {raise: io.do0, lower: io.do1, raised: io.di0, lowered: io.di1}
  loop:
    type: loop
    lane: drive
    from_m: 36
    to_m: 44
    channels: {detect: io.di2}
"""


def refused(tmp_path: Path, old: str, new: str) -> list[str]:
    assert old in GATE
    (tmp_path / "simulation.yaml").write_text(GATE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SimulationError) as caught:
        build(tmp_path, Clock())
    return [line.removeprefix(f"{tmp_path}/simulation.yaml:") for line in str(caught.value).splitlines()]


def test_the_file_that_these_tests_spoil_is_good(tmp_path: Path):
    (tmp_path / "simulation.yaml").write_text(GATE, encoding="utf-8")
    assert build(tmp_path, Clock()).plan.site == "gate"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("site: gate", "sight: gate\nsite: gate", "1:1: the key `sight` is not known; did you mean `site`? (known: "),
        ("travel_s: 3", "travl_s: 3", "13:5: plants.bar: the key `travl_s` is not known; did you mean `travel_s`? ("),
        ("travel_s: 3", "hidden: 3", "13:5: plants.bar: the key `hidden` is not known (known: at_m, "),
        ("protocol: modbus-tcp", "protocol: modbus-tcp, port: 1", "3:35: links.cabinet: the key `port` is not known"),
        ("length_m: 60", "lenght_m: 60", "7:11: lanes.drive: the key `lenght_m` is not known; did you mean `length_m`"),
        ("    lane: drive\n", "", "9:3: plants.bar: `lane` is missing: add it"),
        ("    type: boom\n", "", "9:3: plants.bar: `type` is missing: add it"),
        ("site: gate\n", "", "1:1: `site` is missing: add it"),
        ("travel_s: 3", "travel_s: -1", "13:15: plants.bar.travel_s: -1 must be above 0"),
        ("travel_s: 3", "travel_s: soon", "13:15: plants.bar.travel_s: expected a number, found `soon`"),
        ("travel_s: 3", "travel_s: {a: 1}", "13:15: plants.bar.travel_s: expected a number, found keys with values"),
        ("modbus-tcp", "modbus-tpc", "3:23: links.cabinet.protocol: the value `modbus-tpc` is not known; did you mean"),
        ("travel_s: 3", "travel_s: 3\n    start: up", "14:12: plants.bar.start: the value `up` is not known (known: "),
        (
            "io.di2}",
            "di2}",
            "20:24: plants.loop.channels.detect: `di2` is not a unit and its point, e.g. cabinet-io.di0",
        ),
        ("io: {", "Cabinet IO: {", "5:3: units.Cabinet IO: `Cabinet IO` is not a name: lower-case letters, digits, "),
        ("address: 1", "address: 1, holds: {di0: [1]}", "5:69: units.io.holds.di0: expected true or false or a "),
        ("  drive: {length_m: 60}", "  - drive", "7:3: lanes: expected keys with values, found a list"),
    ],
)
def test_a_mistake_of_form_is_told_in_plain_words_where_it_stands(tmp_path: Path, old: str, new: str, expected: str):
    lines = refused(tmp_path, old, new)
    assert any(line.startswith(expected) for line in lines), lines


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("barrier", ": simulate a barrier with a plant of type `boom`"),
        ("road_blocker", ": simulate a road_blocker with a plant of type `wedge`"),
        ("boon", "; did you mean `boom`?"),
        ("trebuchet", ""),
    ],
)
def test_an_unknown_type_of_plant_is_answered_with_those_that_are(tmp_path: Path, kind: str, hint: str):
    known = "beacon, bollard, boom, contact, counter, loop, radar, signal, traffic_controller, wedge"
    assert refused(tmp_path, "type: boom", f"type: {kind}") == [
        f"10:11: plants.bar.type: the value `{kind}` is not known{hint} (known: {known})"
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("at_m: 40", "at_m: 61", "12:11: plants.bar.at_m: 61 m is beyond the end of lane drive, 60 m"),
        ("at_m: 40", "at_m: 40\n    key_of: nobody", "13:13: plants.bar.key_of: there is no 'nobody'"),
        ("to_m: 44", "to_m: 30", "19:11: plants.loop.to_m: 30 m is not beyond from_m, 36 m: expected from_m < to_m"),
        ("to_m: 44", "to_m: 36", "19:11: plants.loop.to_m: 36 m is not beyond from_m, 36 m: expected from_m < to_m"),
        ("to_m: 44", "to_m: 60.5", "19:11: plants.loop.to_m: 60.5 m is beyond the end of lane drive, 60 m"),
        ("from_m: 36\n    to_m: 44", "from_m: 70\n    to_m: 80", "19:11: plants.loop.to_m: 80 m is beyond the end"),
        ("length_m: 60", "length_m: 60, stop_line_m: 70", "7:38: lanes.drive.stop_line_m: 70 m is beyond the end of"),
        ("io.di2}", "io.di9}", "20:24: plants.loop.channels.detect: moxa-e1214 has no point 'di9'"),
        ("detect: io.di2", "sense: io.di2", "20:15: plants.loop.channels: 'detect' is missing"),
        ("type: loop\n    lane: drive", "type: loop\n    lane: drove", "17:11: plants.loop.lane: there is no 'drove'"),
        ("profile: moxa-e1214", "profile: moxa", "5:32: units.io.profile: unknown unit profile 'moxa'"),
    ],
)
def test_a_mistake_of_meaning_is_told_where_it_stands(tmp_path: Path, old: str, new: str, expected: str):
    lines = refused(tmp_path, old, new)
    assert any(line.startswith(expected) for line in lines), lines


def test_a_radar_stands_within_its_lane(tmp_path: Path):
    radar = "  eye: {type: radar, lane: drive, at_m: 90, channels: {speed: io.di3}}\n  loop:\n"
    (line,) = refused(tmp_path, "  loop:\n", radar)
    assert line.startswith("15:41: plants.eye.at_m: 90 m is beyond the end of lane drive, 60 m: expected")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("links: [", "not YAML"),
        ("a: 1\na: 2\n", "2:1: not YAML: found duplicate key"),
        ("\tx: 1\n", "1:1: not YAML: found character '\\t' that cannot start any token"),
        ("- a\n", "1:1: expected keys with values: site, links, units …"),
        ("", "1:1: expected keys with values: site, links, units …"),
        ("site: *gate\n", "1:7: not YAML: found undefined alias"),
    ],
)
def test_what_is_no_yaml_mapping_is_told_with_its_place(tmp_path: Path, text: str, expected: str):
    (line,) = refused(tmp_path, GATE, text)
    assert expected in line


def test_a_part_that_comes_from_an_alias_is_told_where_it_is_written(tmp_path: Path):
    spoilt = refused(tmp_path, "drive: {length_m: 60}", "drive: &lane {length_m: 6}\n  other: *lane")
    assert spoilt == [f"7:27: lanes.{name}.length_m: 6 must be at least 10" for name in ("drive", "other")]


@pytest.mark.parametrize(("name", "mistaken"), [("gate", False), ("quay", True)])
def test_the_site_beside_it_must_have_the_same_name(tmp_path: Path, name: str, mistaken: bool):
    (tmp_path / "site.yaml").write_text(f"site: {name}\n", encoding="utf-8")
    if not mistaken:
        (tmp_path / "simulation.yaml").write_text(GATE, encoding="utf-8")
        assert build(tmp_path, Clock()).plan.site == "gate"
    else:
        assert refused(tmp_path, "site: gate", "site: gate") == [
            "1:7: site: this is the field of 'gate', but site.yaml beside it is the site 'quay': give both one name"
        ]


def test_a_site_file_that_cannot_be_read_is_not_the_simulations_affair(tmp_path: Path):
    (tmp_path / "site.yaml").write_text("site: [\n", encoding="utf-8")
    (tmp_path / "simulation.yaml").write_text(GATE, encoding="utf-8")
    assert build(tmp_path, Clock()).plan.site == "gate"


def test_a_boom_that_takes_a_code_takes_no_pulses(tmp_path: Path):
    pulses = "{raise: io.do0, lower: io.do1, raised: io.di0, lowered: io.di1}"
    code = "{command: unit.command, raised: unit.raised, lowered: unit.lowered}"
    io = "profile: moxa-e1214, address: 1}"
    coded = GATE.replace(pulses, code).replace(io, f"{io}\n  unit: {{link: cabinet, profile: roger-b70, address: 2}}")
    (tmp_path / "simulation.yaml").write_text(coded, encoding="utf-8")
    assert build(tmp_path, Clock()).plan.site == "gate"
    (tmp_path / "simulation.yaml").write_text(coded.replace("{command:", "{raise: io.do0, command:"), encoding="utf-8")
    with pytest.raises(SimulationError, match=r"takes no pulse: remove 'raise', or `command`"):
        build(tmp_path, Clock())
