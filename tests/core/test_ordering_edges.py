"""The edges of orders that wait, and of what waits for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.command import Life, Refusal, Rule
from controller.core.device import Progress, Ticked
from controller.core.signal import Signal, step
from tests.core.rig import BOLLARD, SIGNAL, moving, ready
from tests.core.test_return import GUARDED, returning

OCCUPIED = Refusal(Rule.PRESENCE, "entry", "loop occupied")


@pytest.mark.parametrize(("waiting", "asked"), [("", "go"), ("proof that beacon is lit (R15)", "halt")])
def test_r14_a_signal_shows_halt_as_soon_as_an_order_waits_to_block_the_way(waiting: str, asked: str) -> None:
    rig = ready()
    mover = replace(rig.device, waiting=waiting)
    after = step(Signal(spec=SIGNAL, asked="halt"), Ticked(), {"steel": mover}, rig.now).device
    assert isinstance(after, Signal)
    assert after.asked == asked


def test_an_order_that_waits_is_accepted_and_no_more() -> None:
    rig = ready(replace(BOLLARD, warning="beacon"))
    rig.order("raise")
    assert rig.device.order is not None
    assert rig.device.order.life is Life.ACCEPTED


def test_an_emergency_that_ignores_presence_turns_a_return_from_a_vehicle_round() -> None:
    rig, _ = returning(replace(GUARDED, efo_ignores_presence=True))
    rig.fire()
    assert (rig.device.state, rig.device.returning) == ("raising", "")


def test_rule_10_an_emergency_in_a_return_names_what_it_is_taken_back_from() -> None:
    rig, _ = returning()
    assert rig.last(rig.fire()).refusals == (OCCUPIED,)


def test_rule_10_an_order_that_waited_names_what_refused_it() -> None:
    rig = ready(replace(BOLLARD, warning="beacon", presence=("entry",)))
    order = rig.order("raise")
    rig.loop("entry", detect=True)
    told = rig.last(order)
    assert (told.life, told.refusals) == (Life.FAILED, (OCCUPIED,))
    assert told.because == "nothing was sent: R09 entry: loop occupied"


def test_a_write_that_is_never_answered_is_taken_for_unknown_and_ends_its_order() -> None:
    rig = ready(replace(BOLLARD, inputs=dict.fromkeys(BOLLARD.inputs, 100.0)))
    order = rig.order("raise")
    rig.now = rig.drives[-1].deadline + 5.0
    rig.tick()
    assert (rig.last(order).life, rig.last(order).because) == (
        Life.UNKNOWN,
        "nothing was heard of the write of its outputs",
    )


def test_a_release_that_fails_says_why_and_is_tried_again_half_a_second_later() -> None:
    rig, _ = moving(BOLLARD)
    rig.order("stop")
    rig.fail(Life.FAILED, "exception 4")
    assert (rig.device.unwritten, rig.device.retry_at) == ("exception 4", rig.now + 0.5)


def test_steel_that_is_stopped_because_an_order_must_wait_says_by_which() -> None:
    rig, _ = moving(replace(BOLLARD, warning="beacon"), "lower")
    order = rig.order("raise")
    assert (rig.device.state, rig.device.why) == ("stopped", f"by order {order}")


def test_rule_10_a_switch_that_is_refused_says_why_and_of_what() -> None:
    rig = ready()
    because = "a lock-out needs its reason: say what is being worked on"
    order = rig.order("lock-out")
    assert rig.last(order) == Progress(order, Life.REFUSED, because, (Refusal(Rule.LOCKED_OUT, "steel", because),))


def test_a_switch_that_is_done_says_what_is_held_now() -> None:
    rig = ready()
    order = rig.order("lock-out", by="anna", reason="oil")
    assert rig.last(order) == Progress(order, Life.CONFIRMED, "locked out by anna: oil")


def test_r24_an_order_that_waits_ends_at_the_instant_when_its_button_was_held_for_the_last_time() -> None:
    rig = ready(replace(BOLLARD, warning="beacon", inputs=dict.fromkeys(BOLLARD.inputs, 100.0)))
    order = rig.order("raise", hold=True)
    rig.now = rig.device.held_until
    rig.tick()
    assert rig.last(order).because == "nothing was sent: the button was let go (R24)"


def test_an_emergency_that_waits_after_a_return_is_not_being_taken_back() -> None:
    rig, _ = returning(replace(GUARDED, efo_ignores_presence=True, efo_lead_s=1.0))
    rig.fire()
    assert (rig.device.waiting, rig.device.returning, rig.device.state) == ("its lead time", "", "stopped")
