"""R01 Bollard raise or lower in normal mode ends in 3-15 s, else a travel-time alarm (UFGS 02840 p. 13)."""

from __future__ import annotations

import pytest

from controller.config import steel_checks
from controller.core import mover
from controller.core.command import Life
from simulators.plants.mover import Steel
from tests.faults.bench import Bench, bench
from tests.rules.yard import PROFILE, YARD, alarms, refused

pytestmark = pytest.mark.simulated

LONGEST = "travel:\n  seconds: "


def travels_in(b: Bench, seconds: float) -> None:
    b.mover("bollards")._steel = Steel(seconds, (1.0,), 0.0)


async def test_r01_a_travel_within_the_window_is_no_alarm():
    async with bench(YARD) as b:
        order = await b.ended(await b.order("raise", "bollards"))
        assert (order.life, alarms(b)) == (Life.CONFIRMED, {})


async def test_r01_steel_that_takes_longer_than_its_longest_travel_is_a_fault_and_a_travel_alarm():
    async with bench(YARD) as b:
        travels_in(b, 20.0)
        order = await b.ended(await b.order("raise", "bollards"))
        assert (order.life, b.device("bollards").state) == (Life.FAILED, "fault")
        assert {"bollards.travel-time", "bollards.no-limit"} & set(alarms(b))
        assert not b.built.images["io"].read("do0")


async def test_r01_steel_that_claims_to_arrive_in_less_than_3_s_is_alarmed():
    async with bench(YARD) as b:
        travels_in(b, 2.0)
        await b.ended(await b.order("raise", "bollards"))
        assert [text for name, text in alarms(b).items() if name.startswith("bollards.") and "R01" in text]


async def test_r01_what_is_stopped_half_way_and_goes_on_is_not_too_fast():
    async with bench(YARD) as b:
        await b.order("raise", "bollards")
        await b.until("bollards", "raising")
        await b.sleep(3)
        await b.ended(await b.order("stop", "bollards"))
        await b.until("bollards", "stopped")
        await b.ended(await b.order("raise", "bollards"))
        assert (b.device("bollards").state, alarms(b)) == ("raised", {})


@pytest.mark.parametrize("seconds", ["2.9", "15.1"])
def test_r01_a_profile_outside_the_window_is_refused_where_it_says_so(seconds: str):
    _refused_at(seconds)


def test_r01_a_profile_beyond_the_window_is_refused_where_it_says_so():
    _refused_at("15.1")


def _refused_at(seconds: str) -> None:
    [(file, line, text)] = refused((PROFILE, f"{LONGEST}8", f"{LONGEST}{seconds}"))
    assert (file, line) == ("bollard-of-the-rules.yaml", 10)
    assert text == f"travel.seconds: {seconds} is not possible: 3 to 15 s (R01)"


def test_r01_the_ends_of_the_window_are_within_it():
    assert refused((PROFILE, f"{LONGEST}8", f"{LONGEST}15")) == []


def test_r01_the_shortest_travel_cannot_be_set_below_3_s():
    fastest = 'fastest: {seconds: 2, source: "nowhere"}\n'
    [(_, _, text)] = refused((PROFILE, "cycles_per_hour", f"{fastest}cycles_per_hour"))
    assert text == "fastest.seconds: 2 is not possible: at least 3 s (R01)"


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mover.Mover, "travel_due", property(lambda _: None))
    patch.setattr(steel_checks, "_check_travel", lambda *_: iter(()))
