"""Steel moves as its drive is ordered, and says so through switches that bounce."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from simulators.plants.limit_switch import LimitSwitch
from simulators.plants.sensors import Counter, Radar
from simulators.world import Vehicle, World
from tests.simulators.support import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def albert(stage: Stage) -> tuple[list[bool], list[bool]]:
    read = [bool(stage.read("albert-io", f"di{i}")) for i in range(6)]
    return read[0::2], read[1::2]


def test_bollards_rise_while_the_output_is_held_each_at_its_own_speed(stage: Stage):
    stage.write("albert-io", do0=True)
    stage.run(4.4)
    assert albert(stage) == ([False, False, True], [False, False, False])
    stage.run(0.6)
    assert albert(stage) == ([True, True, True], [False, False, False])


def test_bollards_hold_their_position_when_the_output_is_released(stage: Stage):
    stage.write("albert-io", do0=True)
    stage.run(2)
    stage.write("albert-io", do0=False)
    half = stage.world.steel["albert-bollards"]
    stage.run(60)
    assert stage.world.steel["albert-bollards"] == half
    assert albert(stage) == ([False] * 3, [False] * 3)


def test_an_order_acts_from_the_moment_it_was_written(stage: Stage):
    stage.run(1)
    stage.time = 2
    stage.write("albert-io", do0=True)
    stage.time = 2.9
    stage.write("albert-io", do0=False)
    stage.run(1)
    assert stage.world.steel["albert-bollards"][0] == pytest.approx(0.9 / 4.5)


def test_raise_and_lower_together_trip_the_drive_until_both_are_off(stage: Stage):
    stage.write("albert-io", do0=True)
    stage.run(1)
    stage.write("albert-io", do1=True)
    at = stage.world.steel["albert-bollards"]
    stage.run(1)
    stage.write("albert-io", do1=False)
    stage.run(1)
    assert stage.world.steel["albert-bollards"] == at
    assert stage.kinds() == ["both-directions"]
    stage.write("albert-io", do0=False)
    stage.write("albert-io", do0=True)
    stage.run(1)
    assert stage.world.steel["albert-bollards"] > at


def test_a_reversal_in_one_request_is_no_wrong(stage: Stage):
    stage.write("albert-io", do0=True)
    stage.run(1)
    stage.write("albert-io", do0=False, do1=True)
    stage.run(2)
    assert stage.kinds() == []
    assert stage.world.steel["albert-bollards"] == (0.0, 0.0, 0.0)


def test_a_limit_switch_bounces_for_its_time_and_then_stays():
    bounced = 0
    for seed in range(20):
        switch = LimitSwitch(Random(seed), bounce_s=0.03, made=False)
        seen = [switch.read(1 + i / 10000, made=True) for i in range(1000)]
        changes = [i for i, (a, b) in enumerate(pairwise([False, *seen])) if a != b]
        assert len(changes) % 2 == 1
        assert changes[-1] <= 300
        bounced += len(changes) > 1
    assert bounced == 20


def test_the_key_switch_takes_the_drive_away_from_the_wire(stage: Stage):
    key = stage.field.wired["gambetta-outer"].plant.key  # type: ignore[attr-defined]
    key.local = True
    stage.write("gambetta-io", do1=True, do3=True)
    stage.run(5)
    assert stage.read("gambetta-io", "di4") is True
    assert stage.world.steel["gambetta-outer"] == (1.0,)
    assert stage.world.steel["gambetta-inner"] == (1.0,)  # one key for both rows


def test_without_power_hydraulics_hold_and_a_hand_pump_moves_them(stage: Stage):
    plant = stage.field.wired["albert-bollards"].plant
    plant.power = False
    stage.write("albert-io", do0=True)
    stage.run(5)
    assert stage.world.steel["albert-bollards"] == (0.0, 0.0, 0.0)
    plant.by_hand = 1.0  # type: ignore[attr-defined]
    stage.run(6)
    assert albert(stage) == ([True] * 3, [False] * 3)


def test_a_pulse_latches_the_boom_until_its_limit(stage: Stage):
    stage.write("massena-io", do0=True)
    stage.run(0.5)
    stage.write("massena-io", do0=False)
    stage.run(3)
    assert stage.read("massena-io", "di0") is True
    assert stage.read("massena-io", "di1") is False


def test_a_pulse_shorter_than_a_step_is_not_lost(stage: Stage):
    stage.write("massena-io", do0=True)
    stage.write("massena-io", do0=False)
    stage.run(4)
    assert stage.read("massena-io", "di0") is True


def test_a_stop_pulse_ends_the_booms_motion(stage: Stage):
    stage.write("massena-io", do0=True)
    stage.run(1)
    stage.write("massena-io", do2=True)
    at = stage.world.steel["massena-boom"]
    stage.run(5)
    assert stage.world.steel["massena-boom"] == at
    assert 0 < at[0] < 1


def test_a_boom_that_is_pulsed_the_other_way_turns_round(stage: Stage):
    stage.write("massena-io", do0=True)
    stage.run(1)
    stage.write("massena-io", do0=False)
    stage.write("massena-io", do1=True)
    stage.run(2)
    assert stage.world.steel["massena-boom"] == (0.0,)


def test_both_pulses_together_stop_the_boom(stage: Stage):
    stage.write("massena-io", do0=True)
    stage.run(1)
    stage.write("massena-io", do1=True)
    at = stage.world.steel["massena-boom"]
    stage.run(2)
    assert stage.world.steel["massena-boom"] == at
    assert stage.kinds() == ["both-directions"]


@pytest.mark.parametrize(("code", "position"), [(0, 0.0), (1, 1.0), (2, 0.0), (7, 0.0)])
def test_the_wedge_follows_its_command_code(stage: Stage, code: int, position: float):
    stage.write("ruhl-wedge-plc", command=code)
    stage.run(4)
    assert stage.world.steel["ruhl-wedge"] == (position,)


def test_a_lamp_draws_current_a_moment_after_it_is_switched(stage: Stage):
    stage.write("albert-io", do2=True)
    assert stage.read("albert-io", "di11") is False
    stage.run(0.2)
    assert stage.read("albert-io", "di11") is True
    assert stage.world.lamps["albert-signal"] == {"halt": True, "go": False}


def test_people_follow_the_time_of_day():
    counter = Counter("square", 180, Random(1), day_s=43200)
    afternoon = counter.update(3 * 3600, {}).says["count"][0]
    later = counter.update(15 * 3600, {}).says
    assert int(later["count"][0]) < int(afternoon) / 1.5
    assert int(later["max"][0]) >= int(afternoon)


@pytest.mark.parametrize(
    ("front_m", "mps", "kmh", "approaching"),
    [
        (20, 10, 36, True),
        (60, 10, 36, False),
        (60, -10, 36, True),
        (20, 0, 0, False),
        (20, 0.8, 0, False),
        (95, 10, 0, False),
    ],
    ids=["comes", "goes", "reverses-towards-it", "stands", "too-slow-to-be-seen", "out-of-range"],
)
def test_a_radar_sees_how_fast_the_nearest_vehicle_is_and_whether_it_comes(
    front_m: float, mps: float, kmh: int, approaching: bool
):
    radar = Radar("radar", "lane", at_m=40, range_m=50)
    radar.sense(World(vehicles={"car": Vehicle("car", "lane", front_m, speed_mps=mps)}))
    assert radar.update(0.0, {}).says == {"speed": (kmh,), "approaching": (approaching,)}
