"""The world records what must never happen, and drivers do not cause it."""

from __future__ import annotations

import pytest

from simulators.field import LONGEST_GAP_S
from simulators.world import Vehicle
from tests.simulators.support import Stage

pytestmark = pytest.mark.untraced


def park(stage: Stage, lane: str, front_m: float, length_m: float = 4.5, name: str = "van") -> Vehicle:
    stage.world.vehicles[name] = Vehicle(name, lane, front_m, length_m, parked=True)
    return stage.world.vehicles[name]


def test_steel_that_rises_under_a_vehicle_is_a_strike_once():
    stage = Stage()
    park(stage, "albert", 82)
    stage.write("albert-io", do0=True)
    stage.run(5)
    assert stage.kinds() == ["strike"]
    assert stage.world.violations[0].plant == "albert-bollards"
    assert "van" in stage.world.violations[0].detail


def test_steel_that_sinks_under_a_vehicle_is_none():
    stage = Stage()
    stage.field.wired["albert-bollards"].plant.positions[:] = [1.0] * 3  # type: ignore[attr-defined]
    stage.run(0.1)
    park(stage, "albert", 82)
    stage.write("albert-io", do1=True)
    stage.run(5)
    assert stage.kinds() == []


def test_a_boom_that_comes_down_on_a_vehicle_is_a_strike():
    stage = Stage()
    stage.field.wired["massena-boom"].plant.positions[:] = [1.0]  # type: ignore[attr-defined]
    stage.run(0.1)
    park(stage, "massena", 62)
    stage.write("massena-io", do1=True)
    stage.run(4)
    assert stage.kinds() == ["strike"]


def test_a_vehicle_beside_the_steel_is_no_strike():
    stage = Stage()
    park(stage, "albert", 79.5)
    stage.write("albert-io", do0=True)
    stage.run(5)
    assert stage.kinds() == []


def test_a_vehicle_as_far_down_another_lane_is_no_strike():
    stage = Stage()
    park(stage, "ruhl", 82)
    stage.write("albert-io", do0=True)
    stage.run(5)
    assert stage.kinds() == []


def test_an_airlock_open_at_both_ends_is_a_violation_once():
    stage = Stage()
    stage.write("gambetta-io", do1=True)
    stage.run(5)
    assert stage.kinds() == []
    stage.write("gambetta-io", do3=True)
    stage.run(5)
    assert stage.kinds() == ["airlock-open"]


@pytest.mark.parametrize(
    ("front_m", "entry", "exit_"), [(75, False, False), (78, True, False), (82, True, True), (86, False, True)]
)
def test_a_loop_feels_what_is_over_it(front_m: float, entry: bool, exit_: bool):
    stage = Stage()
    park(stage, "albert", front_m)
    stage.run(0.02)
    assert stage.read("albert-io", "di7") is entry
    assert stage.read("albert-io", "di9") is exit_


def test_a_vehicle_over_the_row_is_always_over_a_loop():
    stage = Stage()
    for decimetre in range(798, 848):
        park(stage, "albert", decimetre / 10)
        stage.run(0.02)
        assert stage.read("albert-io", "di7") or stage.read("albert-io", "di9")


def test_a_driver_stops_before_raised_steel_and_turns_back():
    stage = Stage()
    stage.field.traffic.send("gambetta")
    furthest = 0.0
    for _ in range(600):
        stage.run(0.1)
        furthest = max([furthest, *(v.front_m for v in stage.world.vehicles.values())])
    assert 46 < furthest < 50
    assert not stage.world.vehicles
    assert stage.kinds() == []


def test_a_driver_waits_at_the_line_until_the_signal_shows_go():
    stage = Stage()
    vehicle = stage.field.traffic.send("albert")
    stage.run(13)
    assert 69 < vehicle.front_m <= 70
    stage.write("albert-io", do3=True)
    stage.run(20)
    assert vehicle.name not in stage.world.vehicles


def test_a_driver_passes_the_airlock_one_row_at_a_time():
    stage = Stage()
    van = stage.field.traffic.send("gambetta")
    stage.write("gambetta-io", do1=True)
    stage.run(15)
    assert 60 < van.front_m < 65
    stage.write("gambetta-io", do1=False, do0=True)
    stage.run(5)
    stage.write("gambetta-io", do0=False, do3=True)
    stage.run(25)
    assert van.name not in stage.world.vehicles
    assert stage.kinds() == []


def test_a_driver_shut_in_the_airlock_waits():
    stage = Stage()
    van = stage.field.traffic.send("gambetta")
    stage.write("gambetta-io", do1=True)
    stage.run(15)
    stage.write("gambetta-io", do1=False, do0=True)
    stage.run(120)
    assert 60 < van.front_m < 65
    assert stage.kinds() == []


def test_the_radar_sees_a_vehicle_come():
    stage = Stage()
    assert stage.read("albert-radar", "speed") == 0
    stage.field.traffic.send("albert", kmh=50)
    stage.run(1)
    assert stage.read("albert-radar", "speed") == 50


def test_a_driver_brakes_for_steel_that_begins_to_rise_while_no_loop_felt_him():
    for started in range(40, 90, 2):
        stage = Stage()
        stage.write("albert-io", do3=True)
        vehicle = stage.field.traffic.send("albert")
        while vehicle.front_m < started and vehicle.name in stage.world.vehicles:
            stage.run(0.02)
        if not (stage.read("albert-io", "di7") or stage.read("albert-io", "di9")):
            stage.write("albert-io", do0=True)
            stage.run(10)
        assert stage.kinds() == [], f"steel began to rise when the vehicle was at {started} m"


def test_traffic_leaves_the_loops_free_most_of_the_time():
    stage = Stage(traffic=True)
    occupied = 0
    for _ in range(900):
        stage.run(1)
        occupied += bool(stage.read("albert-io", "di7") or stage.read("albert-io", "di9"))
    assert 9 < occupied < 900 * 0.2
    assert stage.kinds() == []


def test_one_seed_one_history():
    def history(seed: int) -> list[dict[str, object]]:
        stage = Stage(seed, traffic=True)
        seen = []
        for step in range(300):
            stage.run(0.5)
            if step == 100:
                stage.write("albert-io", do0=True)
            seen.append(stage.world.seen())
        return seen

    assert history(1) == history(1)
    assert history(1) != history(2)


def test_history_does_not_depend_on_how_often_it_is_looked_at():
    seldom, often = Stage(3, traffic=True), Stage(3, traffic=True)
    seldom.run(120)
    for _ in range(1200):
        often.run(0.1)
    often.run(0.01)
    seldom.run(0.01)
    assert seldom.world.seen() == often.world.seen()


def test_a_process_that_was_stopped_for_long_does_not_catch_up():
    stage = Stage()
    stage.write("albert-io", do0=True)
    stage.time += 3600
    stage.field.advance()
    assert stage.world.now == LONGEST_GAP_S
    stage.run(1)
    assert stage.world.now == pytest.approx(LONGEST_GAP_S + 1)
