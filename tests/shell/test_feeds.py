"""What goes from a wire's looks to a device: news at once, what is known before it ages (R28)."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from typing import cast

import pytest

from controller.board import Board
from controller.core import kinds
from controller.core.device import Device, Sampled, Ticked
from controller.core.mover import Mover
from controller.core.readings import Look, Quality, Reading, Readings, good
from controller.core.signal import Signal
from controller.feeds import Feed
from controller.runner import Runner
from tests.core.rig import BOLLARD, LOOP, MAX_AGE_S, SIGNAL

POLL_S = 0.1
WIRING = (("di0", "detect"), ("di1", "fault"))
CLEAR = {"di0": False, "di1": False, "speed": 3}


class Nobody:
    def progressed(self, *_: object) -> None: ...

    def crashed(self, *_: object) -> None: ...


def feed_of(device: Device, wiring: tuple[tuple[str, str], ...] = WIRING) -> Feed:
    return Feed(Runner(device, Board(), {}, Nobody()), wiring, POLL_S)


def loop_feed() -> Feed:
    return feed_of(kinds.new_device(LOOP, frozenset(), 0.0))


def passed(feed: Feed, *looks: Readings) -> list[bool]:
    """Tell of each look whether it went on."""
    mail, told = feed.runner._mail, []
    for look in looks:
        before = len(mail)
        feed.take(look)
        told.append(len(mail) > before)
    return told


async def test_a_look_that_says_nothing_new_goes_on_only_as_the_last_one_ages():
    """At a tenth of a second between looks, every fifth: the other half of the second is left for one that comes late."""
    told = passed(loop_feed(), *(Look(CLEAR, n * POLL_S) for n in range(11)))
    assert [n for n, went in enumerate(told) if went] == [0, 4, 8]


async def test_the_age_that_a_device_believes_leaves_half_of_the_maximum_to_a_late_look():
    feed = loop_feed()
    for n in range(30):
        feed.take(Look(CLEAR, n * POLL_S))
        last = feed.runner._mail[-1]
        assert isinstance(last, Sampled)
        assert n * POLL_S - last.readings["detect"].taken <= MAX_AGE_S / 2 - POLL_S + 1e-9


async def test_a_look_that_says_something_new_goes_on_at_once():
    assert passed(loop_feed(), Look(CLEAR, 0.0), Look({**CLEAR, "di0": True}, 0.1)) == [True, True]
    assert passed(loop_feed(), Look(CLEAR, 0.0), Look({**CLEAR, "di1": None}, 0.1)) == [True, True]


async def test_what_is_new_of_anothers_signals_is_nothing_new():
    assert passed(loop_feed(), Look(CLEAR, 0.0), Look({**CLEAR, "speed": 4}, 0.1)) == [True, False]


async def test_what_changed_and_changed_back_goes_on_both_times():
    looks = (Look(found, n * POLL_S) for n, found in enumerate((CLEAR, {**CLEAR, "di0": True}, CLEAR, dict(CLEAR))))
    assert passed(loop_feed(), *looks) == [True, True, True, False]


async def test_after_a_loss_the_next_look_goes_on_whatever_it_says():
    feed = loop_feed()
    assert passed(feed, Look(CLEAR, 0.0)) == [True]
    feed.forget()
    assert passed(feed, Look(CLEAR, 0.1), Look(CLEAR, 0.2)) == [True, False]


async def test_doubted_readings_go_on_and_so_does_the_first_that_is_not_doubted():
    doubted = {name: Reading(value, Quality.UNCERTAIN, 0.1) for name, value in CLEAR.items()}
    assert passed(loop_feed(), Look(CLEAR, 0.0), doubted, doubted, Look(CLEAR, 0.2)) == [True, True, True, True]


async def test_what_was_pushed_goes_on_every_time():
    assert passed(loop_feed(), *[{"di0": good(False, 0.1)}] * 3) == [True] * 3
    assert passed(loop_feed(), {"speed": good(3, 0.1)}) == [False]


@pytest.mark.parametrize("state", ["raising", "lowering", "stopped", "unknown", "fault"])
async def test_a_mover_that_is_not_at_rest_hears_of_every_look(state: str):
    steel = replace(kinds.new_device(BOLLARD, frozenset(), 0.0), state=state)
    feed = feed_of(steel, (("di0", "raised0"), ("di1", "lowered0")))
    assert passed(feed, *(Look(CLEAR, n * POLL_S) for n in range(3))) == [True] * 3


async def test_a_mover_with_an_order_hears_of_every_look():
    steel = kinds.new_device(BOLLARD, frozenset(), 0.0)
    assert isinstance(steel, Mover)
    resting = replace(steel, state="raised")
    feed = feed_of(resting, (("di0", "raised0"), ("di1", "lowered0")))
    assert passed(feed, Look(CLEAR, 0.0), Look(CLEAR, 0.1)) == [True, False]
    feed.runner.device = replace(resting, order=object())  # type: ignore[arg-type]
    assert passed(feed, Look(CLEAR, 0.2)) == [True]


async def test_lamps_that_are_not_proven_yet_get_every_look_until_they_are():
    lit = {"di0": True, "di1": False}
    wiring = (("di0", "halt_lamp"), ("di1", "go_lamp"))
    resting = replace(cast(Signal, kinds.new_device(SIGNAL, frozenset(), 0.0)), state="halt")
    asked = feed_of(replace(resting, proven_at=math.inf), wiring)
    assert passed(asked, Look(lit, 0.0), Look(lit, 0.1), Look(lit, 0.2)) == [True, True, True]
    assert passed(feed_of(resting, wiring), Look(lit, 0.0), Look(lit, 0.1), Look(lit, 0.2)) == [True, False, False]


def read(feed: Feed) -> None:
    """Let the device read its mail."""
    while mail := feed.runner._mail:
        feed.runner._take(mail[0])


async def test_a_device_that_has_read_its_mail_grows_younger_without_an_event():
    """Nothing is decided anew, and what others see of it is as young as what it believes itself (R28)."""
    feed, now = loop_feed(), asyncio.get_running_loop().time()
    assert passed(feed, Look(CLEAR, now - 0.5)) == [True]
    read(feed)
    version = feed.runner.device.version
    assert passed(feed, Look(CLEAR, now - 0.4), Look(CLEAR, now)) == [False, False]
    assert feed.runner.device.readings["detect"] == good(False, now)
    assert feed.runner._board["loop"] is feed.runner.device
    assert feed.runner.device.version == version


async def test_a_device_whose_readings_have_grown_too_old_meanwhile_is_told_of_the_next_look():
    feed, now = loop_feed(), asyncio.get_running_loop().time()
    assert passed(feed, Look(CLEAR, now - MAX_AGE_S)) == [True]
    read(feed)
    assert passed(feed, Look(CLEAR, now)) == [True]


async def test_a_device_that_has_not_read_its_mail_yet_gets_everything_in_its_order():
    feed, now = loop_feed(), asyncio.get_running_loop().time()
    assert passed(feed, Look(CLEAR, now - 0.5)) == [True]
    read(feed)
    feed.runner.post(Ticked())
    assert passed(feed, Look(CLEAR, now)) == [True]
