"""Which way vehicles go, told by two loops; wrong way sounds until acknowledged and moves nothing (R08, R23)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product

import pytest

from controller.board import heeds
from controller.core import kinds
from controller.core.command import Life, Order
from controller.core.device import Device, DriveTo, Ordered, Progress, Sampled, Ticked
from controller.core.direction import PASS_S
from controller.core.readings import good
from controller.core.spec import Action, DirectionSpec, Kind
from tests.core.rig import ALL, ready
from tests.core.test_sensors import EVERY, LOOP, shows

LANE = DirectionSpec(id="lane", kind=Kind.DIRECTION, zone="gate", inputs={}, entry="in", exit="out")


@dataclass
class Road:
    """A lane with two loops, and a clock that the test moves."""

    now: float = 100.0
    loops: dict[str, Device] = field(default_factory=dict)
    device: Device = field(default_factory=lambda: kinds.new_device(LANE, frozenset(), 0.0))
    wake_at: float | None = None
    effects: list[object] = field(default_factory=list)

    def show(self, entry: str = "clear", exit_: str = "clear", *, after: float = 1.0) -> str:
        """Let the loops show this, some time later; return what the lane shows then."""
        self.now += after
        for name, state in (("in", entry), ("out", exit_)):
            known = self.loops.get(name) or kinds.new_device(replace(LOOP, id=name), frozenset(), self.now)
            self.loops[name] = known.entered(state, self.now)
        return self.look()

    def look(self) -> str:
        step = kinds.step(self.device, Ticked(), self.loops, self.now)
        self.device, self.wake_at = step.device, step.wake_at
        self.effects += step.effects
        return self.device.state


@pytest.fixture
def road() -> Road:
    found = Road()
    found.show()
    assert found.device.state == "free"
    return found


def test_it_looks_at_its_two_loops_and_has_no_wires() -> None:
    assert heeds(LANE) == ("in", "out")
    assert kinds.SIGNALS[Kind.DIRECTION] == kinds.Signals()


def test_who_comes_in_over_the_entry_loop_passes(road: Road) -> None:
    shown = [road.show("occupied"), road.show("occupied", "occupied"), road.show("clear", "occupied"), road.show()]
    assert shown == ["passing"] * 4


def test_a_pass_is_over_when_both_loops_have_been_clear_for_a_while(road: Road) -> None:
    road.show("occupied")
    road.show()
    assert road.wake_at == road.now + PASS_S
    road.now += PASS_S - 0.1
    assert road.look() == "passing"
    road.now = road.wake_at or 0.0
    assert road.look() == "free"
    assert road.wake_at is None


def test_a_vehicle_that_follows_another_goes_no_wrong_way(road: Road) -> None:
    shown = [
        road.show("occupied"),
        road.show("clear", "occupied"),
        road.show("occupied", "occupied"),
        road.show("occupied"),
    ]
    assert shown == ["passing"] * 4


def test_a_short_vehicle_between_the_loops_goes_no_wrong_way(road: Road) -> None:
    road.show("occupied")
    road.show()
    assert road.show("clear", "occupied", after=PASS_S - 0.1) == "passing"


@pytest.mark.parametrize("then", [("occupied", "occupied"), ("occupied", "clear")])
def test_r23_the_exit_loop_first_and_then_the_entry_loop_is_the_wrong_way(road: Road, then: tuple[str, str]) -> None:
    assert road.show("clear", "occupied") == "against"
    assert kinds.alarms(road.device) == ()
    assert road.show(*then) == "wrong-way"
    (alarm,) = kinds.alarms(road.device)
    assert (alarm.name, alarm.sound, alarm.latching, alarm.proposes) == ("wrong-way", "continuous", True, "secure gate")


def test_r23_between_the_loops_it_is_still_the_same_vehicle(road: Road) -> None:
    road.show("clear", "occupied")
    assert road.show() == "against"
    assert road.show("occupied", after=PASS_S - 0.1) == "wrong-way"


def test_who_turns_back_on_the_exit_loop_is_no_threat(road: Road) -> None:
    road.show("clear", "occupied")
    road.show()
    road.now += PASS_S
    assert road.look() == "free"


def test_the_wrong_way_is_over_when_the_lane_is_free(road: Road) -> None:
    road.show("clear", "occupied")
    road.show("occupied")
    assert road.show(after=PASS_S) == "wrong-way"
    road.now += PASS_S
    assert (road.look(), kinds.alarms(road.device)) == ("free", ())


def test_two_loops_at_once_tell_no_direction(road: Road) -> None:
    assert road.show("occupied", "occupied") == "passing"


@pytest.mark.parametrize("state", ["unknown", "offline", "fault"])
@pytest.mark.parametrize("of_entry", [True, False])
def test_a_loop_that_is_not_known_makes_the_direction_unknown_without_a_second_alarm(
    road: Road, of_entry: bool, state: str
) -> None:
    road.show("occupied")
    assert road.show(*((state, "clear") if of_entry else ("clear", state))) == "unknown"
    assert kinds.alarms(road.device) == ()


def test_a_direction_without_its_loops_is_unknown() -> None:
    assert Road().look() == "unknown"


@pytest.mark.parametrize("on", [("occupied", "clear"), ("clear", "occupied"), ("occupied", "occupied")])
def test_what_came_before_the_lane_was_known_tells_no_direction(on: tuple[str, str]) -> None:
    road = Road()
    assert [road.show(*on), road.show("occupied", "occupied"), road.show()] == ["unknown", "unknown", "free"]


def test_an_order_to_it_is_refused() -> None:
    order = Order(id="o", device="lane", action=Action.RAISE, principal="op", expires=1.0)
    step = kinds.step(kinds.new_device(LANE, frozenset(), 0.0), Ordered(order), {}, 0.0)
    (told,) = step.effects
    assert isinstance(told, Progress)
    assert told.life is Life.REFUSED


# Threats start nothing.


def test_r08_no_order_of_occupation_is_an_effect() -> None:
    pairs = list(product(("clear", "occupied", "unknown"), repeat=2))
    for first, second, third in product(pairs, repeat=3):
        road = Road()
        for entry, exit_ in (("clear", "clear"), first, second, third):
            road.show(entry, exit_)
        assert road.effects == []


@pytest.mark.parametrize("name", EVERY)
def test_r08_r21_no_reading_of_a_sensor_is_an_effect(name: str) -> None:
    spec = EVERY[name]
    for values in product((False, True, 0, 41, 250, 10**6), repeat=len(spec.inputs)):
        readings = {signal: good(value, 100.0) for signal, value in zip(spec.inputs, values, strict=True)}
        assert kinds.step(shows(spec), Sampled(readings), {}, 100.0).effects == ()


@pytest.mark.parametrize("name", ALL)
def test_r08_a_mover_beside_a_threat_is_driven_by_nothing(name: str) -> None:
    rig = ready(ALL[name])
    drives = len(rig.drives)
    fast = shows(EVERY["radar"], speed=250)
    wrong = replace(kinds.new_device(LANE, frozenset(), 0.0), state="wrong-way", version=5)
    neighbours = {**rig.neighbours, "radar": fast, "lane": wrong}
    step = kinds.step(rig.device, Ticked(), neighbours, rig.now)
    assert [effect for effect in step.effects if isinstance(effect, DriveTo)] == []
    assert (len(rig.drives), {"radar", "lane"} & set(heeds(rig.spec))) == (drives, set())
