"""R14 and R15: go only while the mover is confirmed open, halt otherwise, and lamps that prove it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from controller.core import kinds
from controller.core.command import Life, Order, Rule
from controller.core.device import DriveTo, Event, Lost, Ordered, Progress, Restored, Sampled, Step, Ticked, Wrote
from controller.core.modes import Latch
from controller.core.outputs import ANSWER_S, RELEASE_S, RETRY_S
from controller.core.readings import bad, good
from controller.core.signal import Signal
from controller.core.spec import Action, Kind, SignalSpec
from tests.core.rig import BOLLARD, BOOM, Rig, moving, ready

if TYPE_CHECKING:
    from controller.core.device import Device
    from controller.core.spec import MoverSpec

SIGNAL = SignalSpec(
    id="signal",
    kind=Kind.SIGNAL,
    inputs={"halt_lamp": 1.0, "go_lamp": 1.0},
    outputs=("halt", "go"),
    follows="steel",
    go_state="lowered",
)


class Lamps:
    """A signal that follows the mover of a rig."""

    def __init__(self, rig: Rig, spec: SignalSpec = SIGNAL) -> None:
        self.rig = rig
        self.device = cast(Signal, kinds.new_device(spec, frozenset({"io"}), rig.now))
        self.drives: list[DriveTo] = []
        self.burning = (False, False)
        self.wake_at: float | None = None

    def give(self, event: Event) -> Step:
        step = kinds.step(self.device, event, {"steel": self.rig.device}, self.rig.now)
        self.device, self.wake_at = cast(Signal, step.device), step.wake_at
        self.drives += [effect for effect in step.effects if isinstance(effect, DriveTo)]
        return step

    def tick(self) -> None:
        self.give(Ticked())

    def sample(self, halt: bool | None = None, go: bool | None = None) -> None:
        """Let the lamp currents be read."""
        self.burning = (
            self.burning[0] if halt is None else halt,
            self.burning[1] if go is None else go,
        )
        now = self.rig.now
        self.give(Sampled({"halt_lamp": good(self.burning[0], now), "go_lamp": good(self.burning[1], now)}))

    def obey(self) -> None:
        """Let the wire acknowledge the latest write and the lamps follow it."""
        drive = self.drives[-1]
        self.give(Wrote(drive.number))
        levels = dict(drive.levels)
        self.sample(halt=cast("bool | None", levels.get("halt")), go=cast("bool | None", levels.get("go")))

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.1)):
            self.rig.run(0.1)
            self.sample()

    @property
    def alarms(self) -> list[str]:
        return [alarm.name for alarm in kinds.alarms(self.device)]


def following(picture: str, spec: MoverSpec = BOLLARD, signal: SignalSpec = SIGNAL) -> Lamps:
    """A signal at rest with its mover where `picture` says."""
    lamps = Lamps(ready(spec, picture), signal)
    lamps.give(Restored("io"))
    lamps.obey()
    return lamps


# What it asks for (R14).


def test_r14_go_while_the_mover_is_confirmed_open() -> None:
    lamps = following("bottom")
    assert lamps.device.asked == "go"
    assert lamps.device.state == "go"


@pytest.mark.parametrize("picture", ["top", "between", "both"])
def test_r14_halt_in_every_other_position(picture: str) -> None:
    lamps = following(picture)
    assert lamps.device.asked == "halt"
    assert lamps.device.state == "halt"


def test_r14_a_boom_is_open_when_it_is_raised() -> None:
    assert following("top", BOOM, replace(SIGNAL, go_state="raised")).device.asked == "go"


def test_r14_halt_while_it_moves_in_either_direction() -> None:
    for action in ("raise", "lower"):
        rig, _ = moving(BOLLARD, action)
        lamps = Lamps(rig)
        lamps.give(Restored("io"))
        assert lamps.device.asked == "halt"


def test_r14_halt_at_the_instant_the_raise_is_ordered_although_the_limit_still_shows_open() -> None:
    lamps = following("bottom")
    lamps.rig.order("raise")
    lamps.tick()
    assert lamps.device.asked == "halt"
    assert lamps.drives[-1].levels == (("go", False), ("halt", True))


def test_r06_r14_halt_under_a_latched_emergency_that_could_not_be_obeyed() -> None:
    lamps = following("bottom")
    rig = lamps.rig
    rig.device = replace(rig.device, holds=replace(rig.device.holds, efo=Latch("ada", "operator", "fired")))
    lamps.tick()
    assert lamps.device.asked == "halt"


def test_r14_halt_when_the_mover_is_offline() -> None:
    lamps = following("bottom")
    lamps.rig.lose()
    lamps.tick()
    assert lamps.device.asked == "halt"


def test_r14_halt_when_the_mover_is_not_supervised() -> None:
    lamps = following("bottom")
    step = kinds.step(lamps.device, Ticked(), {}, lamps.rig.now)
    assert cast(Signal, step.device).asked == "halt"


def test_r14_halt_when_what_it_follows_is_no_mover() -> None:
    lamps = following("bottom")
    impostor: Device = replace(lamps.device, state="lowered")
    assert cast(Signal, kinds.step(lamps.device, Ticked(), {"steel": impostor}, lamps.rig.now).device).asked == "halt"


def test_r14_halt_when_the_proof_grows_too_old_before_the_mover_says_so_itself() -> None:
    lamps = following("bottom")
    stale_at = lamps.rig.now + 1.0
    lamps.rig.now += 0.5
    lamps.sample()
    assert lamps.wake_at == pytest.approx(stale_at)
    lamps.rig.now = stale_at
    assert lamps.rig.device.state == "lowered"
    lamps.tick()
    assert lamps.device.asked == "halt"


def test_r14_a_bouncing_limit_switch_is_no_proof() -> None:
    rig, _ = moving(BOLLARD, "lower")
    rig.sample("bottom")
    rig.now += 0.1
    rig.sample("between")
    lamps = Lamps(rig)
    lamps.give(Restored("io"))
    assert rig.device.state == "lowered"
    assert lamps.device.asked == "halt"


# What it writes.


def test_the_lamp_to_put_out_comes_first() -> None:
    lamps = following("bottom")
    lamps.rig.order("raise")
    lamps.tick()
    assert [level for _, level in lamps.drives[-1].levels] == [False, True]
    lamps.give(Wrote(lamps.drives[-1].number))
    lamps.rig.order("stop")
    lamps.tick()
    assert [level for _, level in lamps.drives[-1].levels] == [False, True]


def test_nothing_is_written_while_its_unit_does_not_answer() -> None:
    lamps = Lamps(ready())
    lamps.tick()
    assert lamps.drives == []


def test_after_a_loss_the_lamps_are_written_anew() -> None:
    lamps = following("top")
    writes = len(lamps.drives)
    lamps.give(Lost("io", "mute"))
    assert lamps.device.state == "offline"
    lamps.give(Restored("io"))
    assert len(lamps.drives) == writes + 1
    assert dict(lamps.drives[-1].levels) == {"go": False, "halt": True}


def test_nothing_is_written_twice() -> None:
    lamps = following("top")
    writes = len(lamps.drives)
    lamps.run(5.0)
    assert len(lamps.drives) == writes


def test_a_write_that_fails_is_tried_again_after_a_pause() -> None:
    lamps = Lamps(ready(picture="top"))
    lamps.give(Restored("io"))
    lamps.give(Wrote(1, Life.FAILED, "exception 4"))
    assert len(lamps.drives) == 1
    assert lamps.wake_at is not None
    assert lamps.wake_at <= lamps.rig.now + RETRY_S
    lamps.run(RETRY_S + 0.1)
    assert len(lamps.drives) == 2


def test_halt_does_not_wait_for_the_retry_of_go() -> None:
    lamps = Lamps(ready())
    lamps.give(Restored("io"))
    lamps.give(Wrote(1, Life.FAILED, "exception 4"))
    lamps.rig.order("raise")
    lamps.tick()
    assert dict(lamps.drives[-1].levels) == {"go": False, "halt": True}


def test_a_write_that_is_never_heard_of_is_written_again() -> None:
    lamps = Lamps(ready(picture="top"))
    lamps.give(Restored("io"))
    lamps.run(RELEASE_S + ANSWER_S + RETRY_S + 0.2)
    assert len(lamps.drives) == 2


def test_a_write_that_is_never_heard_of_needs_no_reading_to_be_written_again() -> None:
    lamps = Lamps(ready(picture="top"))
    lamps.give(Restored("io"))
    lamps.rig.now = lamps.device.proof_due + 0.1
    lamps.tick()
    assert lamps.wake_at == lamps.device.answer_due
    assert lamps.wake_at is not None


def test_the_fate_of_an_older_write_says_nothing() -> None:
    lamps = Lamps(ready())
    lamps.give(Restored("io"))
    lamps.rig.order("raise")
    lamps.tick()
    lamps.give(Wrote(1))
    assert lamps.device.acked == {}
    lamps.give(Wrote(1, Life.FAILED, "withdrawn"))
    assert lamps.device.pending == {"go": False, "halt": True}


# What it shows (R15).


@pytest.mark.parametrize(
    ("halt", "go", "state"),
    [(True, False, "halt"), (False, True, "go"), (False, False, "dark"), (True, True, "fault")],
)
def test_the_state_is_what_the_lamp_currents_show(halt: bool, go: bool, state: str) -> None:
    lamps = following("top")
    lamps.sample(halt=halt, go=go)
    assert lamps.device.state == state


def test_both_lamps_are_an_alarm_at_once() -> None:
    lamps = following("top")
    lamps.sample(halt=True, go=True)
    assert lamps.alarms == ["both-lamps"]


def test_r15_a_lamp_that_does_not_come_on_within_five_seconds_is_an_alarm() -> None:
    lamps = following("bottom")
    lamps.rig.order("raise")
    lamps.rig.ack()
    lamps.tick()
    lamps.give(Wrote(lamps.drives[-1].number))
    lamps.sample(halt=False, go=False)
    lamps.run(4.8)
    assert lamps.alarms == []
    version = lamps.device.version
    lamps.run(0.3)
    assert lamps.alarms == ["lamp-proof"]
    assert lamps.device.version == version + 1, "a watcher must see it"


def test_r15_a_lamp_that_does_not_go_out_within_five_seconds_is_an_alarm() -> None:
    lamps = following("bottom")
    lamps.rig.order("raise")
    lamps.rig.ack()
    lamps.tick()
    lamps.run(5.1)
    assert lamps.device.state == "go"
    assert [alarm.text for alarm in kinds.alarms(lamps.device)] == ["asked for halt, shows go"]


def test_r15_the_alarm_comes_without_a_further_reading() -> None:
    lamps = following("top")
    lamps.sample(halt=False)
    lamps.rig.now = lamps.device.proof_due - 0.2
    lamps.rig.sample()
    lamps.sample()
    assert lamps.wake_at == lamps.device.proof_due
    lamps.rig.now = lamps.wake_at
    lamps.tick()
    assert lamps.alarms == ["lamp-proof"]


def test_r15_the_alarm_ends_with_the_lamp() -> None:
    lamps = following("top")
    lamps.sample(halt=False)
    lamps.run(5.1)
    assert lamps.alarms == ["lamp-proof"]
    lamps.sample(halt=True)
    assert lamps.alarms == []


def test_r15_a_lamp_that_went_out_by_itself_is_asked_for_once_more() -> None:
    """A unit that has lost its power for an instant forgets its outputs, and may answer again before it was missed."""
    lamps = following("bottom")
    lamps.run(6)
    asked = len(lamps.drives)
    lamps.sample(halt=False, go=False)
    assert [dict(drive.levels) for drive in lamps.drives[asked:]] == [{"halt": False, "go": True}]
    lamps.obey()
    assert lamps.device.state == "go"
    assert not lamps.device.unproven


def test_r15_a_lamp_that_stays_dark_is_not_asked_for_again_and_again() -> None:
    lamps = following("bottom")
    lamps.run(6)
    lamps.sample(halt=False, go=False)
    lamps.give(Wrote(lamps.drives[-1].number))
    asked = len(lamps.drives)
    lamps.run(60)
    assert len(lamps.drives) == asked
    assert lamps.alarms == ["lamp-proof"]


def test_r15_lamps_that_cannot_be_seen_are_unknown_and_no_lamp_alarm() -> None:
    lamps = following("top")
    lamps.run(5.1)
    lamps.give(Sampled({"halt_lamp": bad(lamps.rig.now)}))
    assert lamps.device.state == "unknown"
    assert lamps.alarms == ["unknown"]


def test_r15_after_a_loss_the_lamps_have_their_time_anew() -> None:
    lamps = following("top")
    lamps.give(Lost("io", "mute"))
    lamps.rig.run(60.0)
    lamps.give(Restored("io"))
    lamps.sample(halt=False)
    assert lamps.alarms == []


def test_a_signal_cannot_be_ordered() -> None:
    lamps = following("top")
    before = lamps.device
    order = Order(id="o", device="signal", action=Action.RAISE, principal="op", expires=lamps.rig.now + 5)
    (told,) = lamps.give(Ordered(order)).effects
    assert isinstance(told, Progress)
    assert [refusal.rule for refusal in told.refusals] == [Rule.KIND]
    assert lamps.device == before
