"""Lamps, value by value: what is known of them after one event, and when they are looked at again (R15)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, cast

import pytest

from controller.core import kinds
from controller.core.beacon import Beacon
from controller.core.command import Life
from controller.core.device import Device, DriveTo, Event, Lost, Sampled, Step, Ticked, Wrote
from controller.core.outputs import ANSWER_S, RELEASE_S, RETRY_S
from controller.core.readings import good
from controller.core.signal import Signal, step
from tests.core.rig import BEACON, MAX_AGE_S, SIGNAL, ready

NOW = 100.0
READ = NOW - 0.4
HALT = {"halt_lamp": good(True, READ), "go_lamp": good(False, READ)}
DARK = {"halt_lamp": good(False, READ), "go_lamp": good(False, READ)}
RESTING = Signal(
    spec=SIGNAL,
    state="halt",
    since=10.0,
    version=7,
    readings=HALT,
    asked_since=10.0,
    acked={"halt": True, "go": False},
    acked_at=10.0,
)
WRITE = DriveTo(number=1, levels=(("go", False), ("halt", True)), deadline=NOW)
WRITING = replace(RESTING, drive=1, writing=WRITE, acked={})
STALE = READ + MAX_AGE_S


def given(lamps: Device, event: Event | None = None, now: float = NOW) -> Step:
    return step(cast(Signal, lamps), event or Ticked(), {}, now)


def test_lamps_that_show_what_was_asked_for_are_looked_at_when_their_reading_grows_too_old() -> None:
    assert given(RESTING) == Step(RESTING, (), STALE)


def test_lamps_that_were_just_asked_are_looked_at_when_they_must_show_it() -> None:
    asked = replace(RESTING, asked_since=NOW - 4.9, readings=DARK, state="dark")
    assert given(asked).wake_at == pytest.approx(NOW + 0.1)


def test_r15_lamps_that_do_not_follow_are_told_once_and_asked_for_once_more() -> None:
    dark = replace(RESTING, asked_since=NOW - 5.0, readings=DARK, state="dark")
    after = given(dark)
    drive = DriveTo(number=1, levels=(("go", False), ("halt", True)), deadline=NOW + RELEASE_S)
    told = replace(dark, unproven=True, version=8, acked={}, drive=1, writing=drive, proven_at=math.inf)
    assert after == Step(told, (drive,), STALE)
    acked = given(replace(dark, unproven=True))
    assert acked == Step(replace(dark, unproven=True, proven_at=math.inf), (), STALE)


def test_r15_lamps_that_show_it_at_last_are_not_asked_for_again() -> None:
    late = replace(RESTING, unproven=True)
    assert given(late) == Step(replace(late, unproven=False, version=8), (), STALE)


@pytest.mark.parametrize("state", ["unknown", "offline"])
def test_r15_lamps_that_cannot_be_seen_prove_nothing(state: str) -> None:
    down = frozenset({"io"}) if state == "offline" else frozenset()
    unseen = replace(RESTING, state=state, readings={}, asked_since=0.0, down=down)
    after = given(unseen).device
    assert isinstance(after, Signal)
    assert (after.state, after.unproven) == (state, False)


def test_lamps_that_are_acknowledged_are_known_from_then_on() -> None:
    done = replace(WRITING, writing=None, acked={"halt": True, "go": False}, acked_at=NOW, proven_at=math.inf)
    assert given(WRITING, Wrote(1)) == Step(done, (), STALE)


def test_lamps_whose_write_failed_say_why_and_are_tried_again_half_a_second_later() -> None:
    after = given(WRITING, Wrote(1, Life.FAILED, "exception 4"))
    failed = replace(
        WRITING, writing=None, retry_at=NOW + RETRY_S, unwritten="exception 4", version=8, proven_at=math.inf
    )
    assert after == Step(failed, (), NOW + RETRY_S)
    assert [drive for drive in given(failed, now=NOW + RETRY_S).effects if isinstance(drive, DriveTo)]


def test_lamps_whose_write_is_never_answered_are_looked_at_in_time() -> None:
    fresh = {name: replace(reading, taken=NOW + ANSWER_S - 0.1) for name, reading in HALT.items()}
    assert given(replace(WRITING, readings=fresh), now=NOW + ANSWER_S - 0.05).wake_at == NOW + ANSWER_S
    unheard = given(replace(WRITING, readings=fresh), now=NOW + ANSWER_S).device
    assert isinstance(unheard, Signal)
    assert unheard.unwritten == "nothing was heard of the write of its outputs"


def test_r14_what_is_asked_anew_waits_for_no_retry_and_has_its_time_anew() -> None:
    going = replace(RESTING, asked="go", asked_since=1.0, retry_at=NOW + 5.0, readings=DARK, state="dark")
    after = given(going).device
    assert isinstance(after, Signal)
    assert (after.asked, after.asked_since, after.retry_at) == ("halt", NOW, 0.0)
    assert after.writing is None


def test_r17_a_loss_puts_the_lamps_in_doubt_and_gives_them_their_time_anew() -> None:
    after = given(RESTING, Lost("io", "mute")).device
    assert isinstance(after, Signal)
    assert (after.state, after.since, after.why) == ("offline", NOW, "mute")
    assert (after.asked_since, after.acked, after.down) == (NOW, {}, frozenset({"io"}))


def test_what_it_follows_is_looked_at_when_the_proof_of_it_grows_too_old() -> None:
    rig = ready()
    fresh = {name: good(name == "halt_lamp", rig.now) for name in HALT}
    after = step(replace(RESTING, asked_since=rig.now), Sampled(fresh), {"steel": rig.device}, rig.now)
    assert after.wake_at == rig.now + MAX_AGE_S
    aged = replace(rig.device, readings={n: replace(r, taken=rig.now - 0.5) for n, r in rig.device.readings.items()})
    assert step(replace(RESTING, readings=fresh), Ticked(), {"steel": aged}, rig.now).wake_at == rig.now + 0.5


def test_r14_lamps_are_proven_by_the_first_reading_after_the_write_was_acknowledged() -> None:
    acked = given(WRITING, Wrote(1)).device
    again = {name: replace(reading, taken=NOW) for name, reading in HALT.items()}
    late = {name: replace(reading, taken=NOW - 0.01) for name, reading in HALT.items()}
    assert given(acked, Sampled(late), NOW + 0.1).device.shown_since == math.inf
    proven = given(acked, Sampled(again), NOW + 0.2).device
    assert (proven.since, proven.shown_since, proven.version) == (10.0, NOW + 0.2, RESTING.version + 1)
    assert given(proven, now=NOW + 0.3).device == proven


def test_r14_lamps_of_which_one_was_read_before_are_not_proven() -> None:
    acked = given(WRITING, Wrote(1)).device
    half = {"halt_lamp": good(True, NOW + 0.1)}
    assert given(acked, Sampled(half), NOW + 0.2).device.shown_since == math.inf


def test_r14_lamps_that_show_what_they_are_not_asked_for_prove_nothing() -> None:
    going = replace(RESTING, asked="go", acked={"halt": False, "go": True})
    mover = replace(ready().device, state="lowered")
    assert step(going, Sampled(HALT), {"steel": mover}, NOW).device.shown_since == math.inf


def test_lamps_that_change_and_are_proven_at_once_are_one_piece_of_news() -> None:
    dark = replace(RESTING, state="dark", readings=DARK, proven_at=math.inf)
    fresh = {name: replace(reading, taken=NOW) for name, reading in HALT.items()}
    after = given(dark, Sampled(fresh)).device
    assert (after.state, after.since, after.shown_since, after.version) == ("halt", NOW, NOW, 8)


def test_what_is_shown_counts_from_the_later_of_its_beginning_and_its_proof() -> None:
    assert replace(RESTING, since=12.0, proven_at=11.0).shown_since == 12.0
    assert replace(RESTING, since=11.0, proven_at=12.0).shown_since == 12.0


@pytest.mark.parametrize(
    ("changes", "settled"),
    [
        ({}, True),
        ({"proven_at": math.inf}, False),
        ({"proven_at": math.inf, "state": "dark"}, True),
    ],
)
def test_lamps_that_show_what_is_not_proven_yet_want_the_next_reading_whatever_it_says(
    changes: dict[str, Any], settled: bool
) -> None:
    assert kinds.settled(replace(RESTING, **changes)) is settled


@pytest.mark.parametrize("state", ["halt", "fault", "dark"])
def test_rule_10_lamps_that_cannot_be_written_are_an_alarm_whatever_they_show(state: str) -> None:
    lamps = replace(RESTING, state=state, unproven=state == "dark", unwritten="exception 4")
    told = {alarm.name: alarm.text for alarm in kinds.alarms(lamps)}
    assert told["outputs"] == "its outputs cannot be written: exception 4"
    assert len(told) == (1 if state == "halt" else 2)


@pytest.mark.parametrize(("state", "names"), [("dark", ["outputs"]), ("lit", ["lamp-proof", "outputs"])])
def test_rule_10_a_beacon_that_cannot_be_written_is_an_alarm(state: str, names: list[str]) -> None:
    beacon = Beacon(spec=BEACON, state=state, unproven=state == "lit", unwritten="exception 4")
    assert [alarm.name for alarm in kinds.alarms(beacon)] == names
