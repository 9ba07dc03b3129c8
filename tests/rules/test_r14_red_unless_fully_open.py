"""R14 Signal = red in every position except confirmed fully open; unknown or offline counts as red (UFGS 02840 p. 22)."""

from __future__ import annotations

import pytest

from controller.core import signal
from tests.faults.bench import Bench, bench
from tests.rules.yard import SITE, Edit, altered

pytestmark = pytest.mark.simulated

LAMP_S = 1.5
"""A poll, a write and a lamp."""


BEACON = (
    "  beacon:\n    kind: beacon\n    title: Warning beacon\n    zone: gate\n    profile: warning-beacon\n"
    "    wiring: {light: io.do4, lamp: io.di11}\n    warns: [bollards]\n"
)
NO_BEACON: tuple[Edit, ...] = (
    (SITE, BEACON, ""),
    (SITE, "warning: beacon", "no_warning_accepted: {who: A. Martin, when: 2026-03-01, why: nobody walks there}"),
)


def lamps(b: Bench) -> dict[str, bool]:
    return dict(b.world.lamps["signal"])


async def test_r14_green_while_the_bollards_are_down_and_red_before_they_begin_to_rise():
    async with bench("gate") as b:
        await b.sleep(LAMP_S)
        assert lamps(b) == {"halt": False, "go": True}
        await b.order("raise", "bollards")
        await b.met(lambda: not b.world.free("bollards"), 10, "the steel never rose")
        assert lamps(b) == {"halt": True, "go": False}


async def test_r14_red_in_every_position_but_confirmed_down():
    async with bench("gate") as b:
        order = await b.order("raise", "bollards")
        while not order.life.ended:
            if not b.world.free("bollards"):
                assert not lamps(b)["go"]
            await b.sleep(0.1)
        await b.sleep(LAMP_S)
        assert lamps(b) == {"halt": True, "go": False}


async def test_r14_red_where_a_limit_switch_can_no_longer_be_trusted():
    async with bench("gate") as b:
        await b.sleep(LAMP_S)
        b.built.images["io"].force("di1", False)
        await b.met(lambda: lamps(b) == {"halt": True, "go": False}, LAMP_S, "the signal never showed halt")


async def test_r14_red_before_they_begin_to_rise_where_no_beacon_gives_it_the_time():
    with altered(*NO_BEACON) as folder:
        async with bench(folder) as b:
            await b.order("raise", "bollards")
            await b.met(lambda: not b.world.free("bollards"), 10, "the steel never rose")
            assert lamps(b) == {"halt": True, "go": False}


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(signal, "confirmed", lambda *_: True)
