"""The warning beacon: lit while one of its movers is about to move or moves, and proven by its current (R13, R15)."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from controller.core import beacon as beacons
from controller.core import kinds
from controller.core.command import Life
from controller.core.device import Device, DriveTo, Event, Lost, Restored, Sampled, Ticked, Wrote
from controller.core.lamps import Lamps
from controller.core.mover import Mover
from controller.core.readings import bad, good
from tests.core.rig import BEACON, BOLLARD, UNITS


class Bench:
    """A beacon and its movers."""

    def __init__(self) -> None:
        self.now = 100.0
        self.device = cast(Lamps, kinds.new_device(BEACON, UNITS, self.now))
        self.movers: dict[str, Device] = {}
        self.drives: list[DriveTo] = []
        self.wake_at: float | None = None
        self.give(Restored("io"))
        self.ack()
        self.lamp(on=False)

    def give(self, event: Event) -> None:
        step = kinds.step(self.device, event, self.movers, self.now)
        self.device, self.wake_at = cast(Lamps, step.device), step.wake_at
        self.drives += [effect for effect in step.effects if isinstance(effect, DriveTo)]

    def ack(self) -> None:
        self.give(Wrote(self.drives[-1].number))

    def lamp(self, *, on: bool) -> None:
        self.give(Sampled({"lamp": good(on, self.now)}))

    def mover(self, name: str = "steel", **changes: str) -> None:
        mover = kinds.new_device(replace(BOLLARD, id=name), frozenset(), self.now)
        self.movers[name] = replace(cast(Mover, mover), **changes)  # type: ignore[arg-type]
        self.give(Ticked())

    @property
    def alarms(self) -> list[str]:
        return [alarm.name for alarm in kinds.alarms(self.device)]


def test_r13_it_is_dark_at_first() -> None:
    bench = Bench()
    assert bench.drives[0].levels == (("light", False),)


@pytest.mark.parametrize("why", [{"waiting": "halt"}, {"state": "raising"}, {"state": "lowering"}])
def test_r13_it_is_lit_while_its_mover_waits_or_moves(why: dict[str, str]) -> None:
    bench = Bench()
    bench.mover(**why)
    assert bench.drives[-1].levels == (("light", True),)
    bench.ack()
    bench.mover(state="raised")
    assert bench.drives[-1].levels == (("light", False),)


def test_r13_it_stays_lit_while_another_of_its_movers_still_moves() -> None:
    bench = Bench()
    bench.mover("steel", state="raising")
    bench.mover("other", waiting="halt")
    bench.ack()
    bench.mover("steel", state="raised")
    assert len(bench.drives) == 2
    assert bench.device.asked == "lit"


def test_what_is_no_mover_asks_for_nothing() -> None:
    bench = Bench()
    bench.movers["steel"] = replace(bench.device, state="raising")
    bench.give(Ticked())
    assert bench.device.asked == "dark"


@pytest.mark.parametrize(("on", "state"), [(True, "lit"), (False, "dark")])
def test_r15_its_state_is_what_its_current_shows(on: bool, state: str) -> None:
    bench = Bench()
    bench.lamp(on=on)
    assert bench.device.state == state


def test_r15_an_acknowledged_write_is_no_proof() -> None:
    bench = Bench()
    bench.mover(state="raising")
    bench.ack()
    assert bench.device.state == "dark"


def test_r15_a_current_that_cannot_be_read_is_unknown() -> None:
    bench = Bench()
    bench.give(Sampled({"lamp": bad(bench.now)}))
    assert bench.device.state == "unknown"


def test_r15_a_lamp_that_does_not_follow_in_time_is_an_alarm() -> None:
    bench = Bench()
    bench.mover(state="raising")
    bench.ack()
    bench.now += BEACON.lamp_proof_s - 0.1
    bench.lamp(on=False)
    assert bench.alarms == []
    bench.now += 0.1
    bench.give(Ticked())
    assert bench.alarms == ["lamp-proof"]


def test_r15_a_lamp_that_follows_is_no_alarm() -> None:
    bench = Bench()
    bench.mover(state="raising")
    bench.lamp(on=True)
    bench.now += BEACON.lamp_proof_s
    bench.lamp(on=True)
    assert bench.alarms == []


def test_after_a_loss_it_is_written_anew() -> None:
    bench = Bench()
    bench.mover(waiting="halt")
    bench.ack()
    bench.give(Lost("io", "mute"))
    bench.give(Restored("io"))
    assert bench.drives[-1].levels == (("light", True),)


def test_a_write_that_fails_is_tried_again_after_a_pause() -> None:
    bench = Bench()
    bench.mover(waiting="halt")
    bench.give(Wrote(bench.drives[-1].number, Life.FAILED, "why"))
    writes = len(bench.drives)
    bench.now = bench.wake_at or 0.0
    bench.give(Ticked())
    assert len(bench.drives) == writes + 1


def test_at_rest_it_is_dark() -> None:
    assert kinds.at_rest(BEACON) == {"light": False} == beacons.levels("dark")
