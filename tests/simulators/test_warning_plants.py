"""The plants of a motion's interlocks: beacon, traffic controller, pressed edge, emergency stop; and how each goes wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from simulators.errors import SimulationError
from simulators.mishaps import strike
from simulators.plants.sensors import TrafficController
from tests.simulators.support import SITE, Stage

STEEL = "albert-bollards"
EDITS = (
    ("local: albert-io.di6\n", "local: albert-io.di6\n      obstruction: gambetta-io.di7\n      estop: massena-io2.di5\n"),
    ("  albert-cabinet: {type: contact, channels: {contact: albert-io.di13}}\n",
     "  crossing: {type: traffic_controller, channels: {flashing: albert-io.di13, dark: massena-io2.di0}}\n"),
    ("  massena-cabinet: {type: contact, channels: {contact: massena-io2.di0}}\n", ""),
)  # fmt: skip


def with_edges(site: Path) -> None:
    """Write the shipped site, its bollards with an edge and an emergency stop, and with a traffic controller."""
    shutil.copytree(SITE, site)
    text = (site / "simulation.yaml").read_text(encoding="utf-8")
    for old, new in EDITS:
        assert old in text
        text = text.replace(old, new, 1)
    (site / "simulation.yaml").write_text(text, encoding="utf-8")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """That field, without wires."""
    site = tmp_path / "site"
    with_edges(site)
    return Stage(site=site)


def befall(stage: Stage, kind: str, target: str, **options: str):
    undo = strike(kind, target, options, stage.built)
    stage.field.settle()
    return undo


def test_a_beacon_draws_current_a_moment_after_it_is_switched_and_the_world_sees_it(stage: Stage) -> None:
    stage.write("albert-io", do4=True)
    assert stage.read("albert-io", "di15") is False
    stage.run(0.2)
    assert stage.read("albert-io", "di15") is True
    assert stage.world.lamps["albert-beacon"] == {"light": True}


def test_one_beacon_hangs_on_each_output_of_the_promenade(stage: Stage) -> None:
    for unit, output, lamp in (("gambetta-io", "do4", "di6"), ("massena-io2", "do2", "di4")):
        stage.write(unit, **{output: True})
        stage.run(0.2)
        assert stage.read(unit, lamp) is True


def test_a_burnt_beacon_draws_none_until_it_is_replaced(stage: Stage) -> None:
    repaired = befall(stage, "lamp-out", "albert-beacon")
    stage.write("albert-io", do4=True)
    stage.run(0.2)
    assert stage.read("albert-io", "di15") is False
    repaired()
    stage.run(0.2)
    assert stage.read("albert-io", "di15") is True


def test_a_pressed_edge_tells_and_stops_nothing_by_itself(stage: Stage) -> None:
    stage.write("albert-io", do0=True)
    stage.run(1)
    freed = befall(stage, "obstruct", STEEL)
    assert stage.read("gambetta-io", "di7") is True
    stage.run(5)
    assert stage.world.steel[STEEL] == (1.0, 1.0, 1.0)
    freed()
    stage.field.settle()
    assert stage.read("gambetta-io", "di7") is False


def test_a_pressed_emergency_stop_cuts_the_drive_and_tells(stage: Stage) -> None:
    stage.write("albert-io", do0=True)
    stage.run(1)
    at = stage.world.steel[STEEL]
    pulled = befall(stage, "estop", STEEL)
    assert stage.read("massena-io2", "di5") is True
    stage.run(5)
    assert stage.world.steel[STEEL] == at
    pulled()
    stage.field.settle()
    assert stage.read("massena-io2", "di5") is False


@pytest.mark.parametrize("how", ["flashing", "dark"])
def test_a_traffic_controller_says_how_it_fails(stage: Stage, how: str) -> None:
    points = {"flashing": ("albert-io", "di13"), "dark": ("massena-io2", "di0")}
    repaired = befall(stage, "controller-fails", "crossing", how=how)
    assert {name: stage.read(*point) for name, point in points.items()} == {name: name == how for name in points}
    repaired()
    stage.field.settle()
    assert not any(stage.read(*point) for point in points.values())


def test_a_traffic_controller_without_mains_is_dark() -> None:
    controller = TrafficController("crossing")
    controller.power = False
    assert controller.update(0.0, {}).says == {"flashing": (False,), "dark": (True,), "failure": (False,)}


@pytest.mark.parametrize(
    ("kind", "target", "options", "says"),
    [
        ("obstruct", "massena-boom", {}, "massena-boom has no channel 'obstruction' in simulation.yaml"),
        ("estop", "massena-boom", {}, "massena-boom has no channel 'estop' in simulation.yaml"),
        ("obstruct", "albert-beacon", {}, "is no mover"),
        ("controller-fails", "crossing", {"how": "failure"}, "crossing has no channel 'failure'"),
        ("controller-fails", "crossing", {"how": "red"}, "expected flashing or dark or failure"),
        ("controller-fails", "albert-signal", {}, "is no traffic controller: expected one of crossing"),
        ("lamp-out", "albert-loop-entry", {}, "is no light: expected one of albert-signal, albert-beacon"),
        ("lamp-out", "albert-beacon", {"lamp": "halt"}, "there is no lamp 'halt': expected light"),
    ],
)
def test_what_nobody_could_notice_is_refused(stage: Stage, kind: str, target: str, options: dict, says: str) -> None:
    with pytest.raises(SimulationError, match=says):
        strike(kind, target, options, stage.built)
