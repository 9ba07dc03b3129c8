"""R38 Inputs active > 400 ms are never missed (grades 2-4) (IEC 60839-11-1)."""

from __future__ import annotations

from random import Random

import pytest

from controller.config import missed_inputs
from tests.faults.bench import Bench, bench
from tests.rules.yard import SITE, YARD, refused

pytestmark = pytest.mark.simulated

LASTS_S = 0.42
"""A little more than 400 ms: the field, too, is looked at in steps."""

LINK = '{url: "modbus+tcp://192.0.2.2:502", poll_s: 0.4}'
HOUSE_IO = "house-io: {link: wire, profile: wago-750, address: 2}"
POLL = 'wire: {url: "modbus+tcp://192.0.2.1:502", poll_s: '


def test_r38_a_wire_that_is_looked_at_less_often_is_refused_where_it_is_said():
    [(file, line, text)] = refused((SITE, f"{POLL}0.4", f"{POLL}0.41"))
    assert (file, line) == ("site.yaml", 8)
    assert "links.wire.poll_s: 0.41 s is too slow" in text
    assert "(R38); poll at least every 0.4 s" in text


async def pulses(b: Bench, point: str, times: int, unit: str = "io") -> None:
    """Let an input be active for LASTS_S now and again, at any phase of the polls."""
    random = Random(38)
    for _ in range(times):
        release = b.built.images[unit].force(point, True)
        await b.sleep(LASTS_S)
        release()
        await b.sleep(2 + random.random())


async def seen(b: Bench, device: str, state: str) -> int:
    return [r.entry.body["state"] for r in await b.records(kind="device", device=device)].count(state)


async def test_r38_a_loop_that_is_occupied_for_so_long_is_always_seen():
    async with bench(YARD) as b:
        await pulses(b, "di5", 40)
        assert await seen(b, "loop-entry", "occupied") == 40


async def test_r38_so_is_a_key_switch():
    async with bench(YARD) as b:
        await pulses(b, "di2", 40)
        modes = [r.entry.body["mode"] for r in await b.records(kind="device", device="bollards")]
        assert modes.count("local") == 40


async def test_r38_nor_is_it_missed_while_another_unit_on_the_same_wire_is_mute():
    async with bench("nice-promenade") as b:
        b.weather.begin("silence", "gambetta-loop-inner")
        await b.until("gambetta-loop-inner", "offline")
        await pulses(b, "di4", 60, unit="gambetta-io")
        modes = [r.entry.body["mode"] for r in await b.records(kind="device", device="gambetta-outer")]
        assert modes.count("local") == 60


async def test_r38_nor_while_another_unit_falls_mute_at_that_very_moment():
    async with bench("nice-promenade") as b:
        await b.sleep(2)
        random, found = Random(38), 0
        for _ in range(40):
            spell = b.weather.begin("silence", "massena-io2")
            await pulses(b, "di2", 1, unit="massena-io")
            b.weather.end(spell)
            await b.sleep(6 + random.random())
        found = await seen(b, "massena-loop", "occupied")
        assert found == 40


def test_r38_a_shared_wire_on_which_that_could_happen_is_refused_where_it_is_said():
    one_wire = (SITE, "house-io: {link: house, profile: wago-750, address: 1}", HOUSE_IO)
    [(file, line, text)] = refused(one_wire, (SITE, f"  house: {LINK}\n", ""))
    assert (file, line) == ("site.yaml", 8)
    assert "while `house-io` is mute, bollards.raised is looked at every 0.905 s only" in text
    assert "make `poll_s` and `patience_s` of this link 0.39 s at most together" in text


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(missed_inputs, "FAST", frozenset())
