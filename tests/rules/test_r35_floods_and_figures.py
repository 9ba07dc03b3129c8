"""R35 Flood flag at > 10 alarms in 10 min, cleared at < 5; KPIs exclude operator actions and events (ISA-18.2, 16)."""

from __future__ import annotations

import pytest

from controller.annunciator import Annunciator
from controller.core import alarm_rates
from tests.faults.bench import Bench, bench
from tests.rules.yard import YARD

pytestmark = pytest.mark.simulated

GAP_S = 1.0
"""A cabinet door that is opened, or closed, for so long is seen."""


def of(b: Bench) -> Annunciator:
    return b.service.supervisor.alarms


async def come(b: Bench, times: int) -> None:
    """Open and close the cabinet so often: an alarm each time."""
    for _ in range(times):
        b.built.images["house-io"].force("di3", True)
        await b.sleep(GAP_S)
        b.built.images["house-io"].force("di3", False)
        await b.sleep(GAP_S)


async def floods(b: Bench) -> list[str]:
    """Return what the journal says of the flood, which belongs to no device."""
    return [r.entry.body["event"] for r in await b.records(kind="alarm") if not r.entry.device]


async def test_r35_ten_alarms_are_no_flood_and_the_eleventh_makes_one():
    async with bench(YARD) as b:
        await come(b, 10)
        assert (of(b).kpi()["last_10_min"], of(b).flood) == (10, False)
        await come(b, 1)
        assert (of(b).kpi()["last_10_min"], of(b).flood) == (11, True)
        assert await floods(b) == ["flood"]


async def test_r35_it_lasts_while_five_come_in_ten_minutes_and_ends_at_four():
    async with bench(YARD) as b:
        await come(b, 6)
        await b.sleep(300)
        await come(b, 5)
        assert of(b).flood
        # The six have fallen out of the ten minutes, the five have not.
        await b.sleep(300)
        assert (of(b).kpi()["last_10_min"], of(b).flood) == (5, True)
        await b.met(lambda: of(b).kpi()["last_10_min"] == 4, 300, "they never became fewer")
        await b.met(lambda: not of(b).flood, 1, "the flood never ended")
        assert await floods(b) == ["flood", "flood-over"]


async def test_r35_what_people_do_and_what_merely_happens_is_not_counted():
    async with bench(YARD) as b:
        await come(b, 2)
        counted = of(b).kpi()
        b.built.images["house-io"].force("di3", True)
        await b.until("cabinet", "active")
        counted["last_10_min"] += 1
        of(b).act("cabinet.tamper", "acknowledge", by="anna")
        for _ in range(20):
            of(b).shelve("cabinet.tamper", 600, by="anna", reason="painters")
        for action in ("raise", "lower", "test", "end-test"):
            await b.sleep(1.5)
            await b.ended(await b.order(action, "bollards"))
        assert of(b).kpi()["last_10_min"] == counted["last_10_min"]
        assert not of(b).flood


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(alarm_rates, "FLOOD_ABOVE", 1_000_000)
