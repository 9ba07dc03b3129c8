"""R13 Warning at least 1 s before rise; at least 5 s before any automatic motion after power return (Gibidi p. 26, Nice)."""

from __future__ import annotations

import pytest

from controller.core import ordering
from controller.core.command import Life
from controller.logbook import Asked
from simulators.mishaps import strike
from tests.faults.bench import Bench, bench
from tests.rules.yard import PROFILE, SITE, YARD, refused

pytestmark = pytest.mark.simulated

EARLIER_S = 0.1
"""How much earlier than it is seen here the lamp may have been lit."""


async def lit(b: Bench, beacon: str = "beacon", mover: str = "bollards", within_s: float = 20) -> float:
    """Return when the beacon was seen to be lit, before anything moved."""
    await b.met(lambda: b.world.lamps[beacon]["light"], within_s, f"{beacon} was never lit")
    assert raised(b, mover) == []
    return b.now


def raised(b: Bench, mover: str = "bollards") -> list[float]:
    """Return when the raise output was switched on."""
    return [frame.at for frame in b.frames(mover) if frame.values.get("do0")]


async def risen(b: Bench, mover: str = "bollards") -> float:
    await b.met(lambda: bool(raised(b, mover)), 20, "the raise output was never switched on")
    return raised(b, mover)[0]


async def passage(b: Bench) -> float:
    """Let nobody through, and return for how long the securing at the end was warned of."""
    await b.passage(Asked(id="p", target="bollards", principal="operator"))
    since = await lit(b)
    return await risen(b) - since


async def test_r13_the_beacon_is_lit_for_a_second_before_the_first_frame_that_raises():
    async with bench(YARD) as b:
        order = await b.order("raise", "bollards")
        since = await lit(b)
        assert await risen(b) - since >= 1.0 - EARLIER_S
        assert b.world.lamps["beacon"]["light"]
        assert (await b.ended(order)).life is Life.CONFIRMED


async def test_r13_it_stays_lit_until_the_steel_is_there():
    async with bench(YARD) as b:
        order = await b.order("raise", "bollards")
        await b.until("bollards", "raising")
        while not order.life.ended:
            assert b.world.lamps["beacon"]["light"]
            await b.sleep(0.2)


async def test_r13_after_its_unit_was_gone_an_automatic_motion_is_warned_of_for_five_seconds():
    async with bench(YARD) as b:
        spell = b.weather.begin("silence", "io")
        await b.until("bollards", "offline")
        b.weather.end(spell)
        await b.until("bollards", "lowered")
        await b.sleep(1.5)
        assert await passage(b) >= 5.0 - EARLIER_S


async def test_r13_later_ones_are_warned_of_for_a_second():
    async with bench(YARD) as b:
        for action in ("raise", "lower"):
            await b.sleep(1.5)
            await b.ended(await b.order(action, "bollards"))
        await b.sleep(1.5)
        b.trace.frames.clear()
        assert 1.0 - EARLIER_S <= await passage(b) < 2.0


async def test_r13_after_the_mains_of_its_drive_were_gone_it_is_five_seconds_too():
    async with bench("nice-promenade") as b:
        for action in ("raise", "lower"):
            await b.sleep(1.5)
            await b.ended(await b.order(action, "albert-bollards"))
        undo = strike("mains-loss", "albert", {}, b.built)
        b.field.settle()
        await b.until("albert-mains", "active")
        await b.sleep(20)
        undo()
        b.field.settle()
        await b.until("albert-mains", "normal")
        await b.sleep(3)
        b.trace.frames.clear()
        await b.passage(Asked(id="p", target="albert-bollards", principal="operator"))
        since = await lit(b, "albert-beacon", "albert-bollards", within_s=40)
        assert await risen(b, "albert-bollards") - since >= 5.0 - EARLIER_S


def test_r13_a_profile_cannot_warn_for_less_than_a_second():
    warning = 'warning: {seconds: 0.9, source: "nowhere"}\n'
    [(file, line, text)] = refused((PROFILE, "cycles_per_hour", f"{warning}cycles_per_hour"))
    assert (file, line) == ("bollard-of-the-rules.yaml", 16)
    assert text.startswith("warning.seconds: 0.9 s is not possible: at least 1 s (R13)")


def test_r13_a_mover_without_a_beacon_needs_somebody_who_accepts_that():
    [(file, line, text)] = refused((SITE, "    warning: beacon\n", ""))
    assert (file, line) == ("site.yaml", 16)
    assert "`no_warning_accepted` who accepted that" in text


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ordering, "_waits_for", lambda *_: "")
