"""R03 Crash beam profile window 8-15 s (UFGS 02840, powered crash beams)."""

from __future__ import annotations

import pytest

from controller.config import steel_checks
from controller.core.command import Life
from tests.faults.bench import bench
from tests.rules.yard import PROFILE, SIMULATION, SITE, Edit, alarms, altered, refused

pytestmark = pytest.mark.simulated


def beam(travel_s: str) -> tuple[Edit, ...]:
    """Make the bollards of the site a crash beam whose longest travel is `travel_s`."""
    return (
        (SITE, "kind: bollard", "kind: barrier"),
        (PROFILE, "kind: bollard", "kind: barrier\ncrash_beam: true"),
        (PROFILE, "seconds: 8", f"seconds: {travel_s}"),
    )


def test_r03_a_longest_travel_within_the_window_is_taken():
    assert refused(*beam("12")) == refused(*beam("15")) == []


@pytest.mark.parametrize("seconds", ["7.9", "15.1"])
def test_r03_one_outside_it_is_refused_where_it_is_said(seconds: str):
    _refused_at(seconds)


def test_r03_one_that_is_longer_is_refused_where_it_is_said():
    _refused_at("15.1")


def _refused_at(seconds: str) -> None:
    [(file, line, text)] = refused(*beam(seconds))
    assert (file, line) == ("bollard-of-the-rules.yaml", 11)
    assert text == f"travel.seconds: {seconds} is not possible: 8 to 15 s (R03)"


def test_r03_the_shortest_travel_cannot_be_set_below_8_s():
    fastest = 'fastest: {seconds: 7, source: "nowhere"}\n'
    [(_, _, text)] = refused(*beam("12"), (PROFILE, "cycles_per_hour", f"{fastest}cycles_per_hour"))
    assert text == "fastest.seconds: 7 is not possible: at least 8 s (R03)"


def test_r03_only_a_barrier_is_a_crash_beam():
    [(_, _, text)] = refused((PROFILE, "kind: bollard", "kind: bollard\ncrash_beam: true"))
    assert text.startswith("crash_beam: a crash beam is a barrier, this is a bollard")


async def test_r03_a_beam_that_travels_within_the_window_is_no_alarm():
    with altered(*beam("12"), (SIMULATION, "travel_s: 4.5", "travel_s: 10")) as folder:
        async with bench(folder) as b:
            order = await b.ended(await b.order("raise", "bollards"))
            assert (order.life, alarms(b)) == (Life.CONFIRMED, {})


async def test_r03_a_beam_that_claims_to_arrive_in_less_than_8_s_is_alarmed():
    with altered(*beam("12")) as folder:
        async with bench(folder) as b:
            await b.ended(await b.order("raise", "bollards"))
            assert [text for name, text in alarms(b).items() if name.startswith("bollards.")]


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(steel_checks, "_check_travel", lambda *_: iter(()))
