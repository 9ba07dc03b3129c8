"""How many alarms come: flood, rates, chattering (R35, ISA-18.2)."""

from __future__ import annotations

import pytest

from controller.core.alarm_rates import CHATTER_S, HOUR_S, WINDOW_S, Rates


def coming(*at: float, priority: int = 3) -> Rates:
    rates = Rates()
    for when in at:
        rates = rates.came(priority, when)
    return rates


def test_r35_a_flood_is_more_than_10_alarms_in_10_min() -> None:
    assert not coming(*range(10)).flood
    assert coming(*range(11)).flood


def test_r35_alarms_that_come_slowly_are_no_flood() -> None:
    assert not coming(*(60.0 * i for i in range(40))).flood


def test_r35_a_flood_is_over_when_fewer_than_5_came_in_10_min() -> None:
    rates = coming(*range(11))
    assert [rates.at(t).flood for t in (WINDOW_S + 5, WINDOW_S + 6, WINDOW_S + 7)] == [True, False, False]
    assert rates.at(WINDOW_S + 7).floods == 1


def test_r35_a_second_flood_counts_anew() -> None:
    rates = coming(*range(11)).at(2 * WINDOW_S)
    for i in range(11):
        rates = rates.came(2, 2 * WINDOW_S + i)
    assert (rates.flood, rates.floods) == (True, 2)


def test_rates_and_split_are_of_the_window_asked_for_and_the_total_of_all() -> None:
    rates = coming(0.0, 10.0).came(1, HOUR_S - 5).at(HOUR_S + 5)
    assert [rates.within(WINDOW_S, HOUR_S + 5), rates.within(HOUR_S, HOUR_S + 5)] == [1, 2]
    assert rates.split(HOUR_S + 5) == {1: 1, 2: 0, 3: 1, 4: 0}
    assert rates.total == {3: 2, 1: 1}


@pytest.mark.parametrize(("changes", "chatters"), [(5, False), (6, True)])
def test_chattering_is_more_than_5_transitions_in_5_min(changes: int, chatters: bool) -> None:
    rates = Rates()
    for i in range(changes):
        rates = rates.changed("door", float(i))
    assert rates.chattering("door", 10.0) is chatters
    assert rates.chatterers(10.0) == (["door"] if chatters else [])
    assert not rates.chattering("door", CHATTER_S + 5)
    assert not rates.chattering("window", 10.0)


def test_what_no_longer_counts_is_forgotten() -> None:
    rates = coming(0.0).changed("door", 0.0).at(HOUR_S + 1)
    assert (rates.arrivals, dict(rates.changes)) == ((), {})


LONG_SINCE_START = 10_000.0


def test_r36_what_came_a_window_ago_to_the_instant_does_not_count_any_more() -> None:
    rates = Rates(
        arrivals=((LONG_SINCE_START, 2),), changes={"a": (LONG_SINCE_START,) * 6, "b": (LONG_SINCE_START + 1.0,)}
    )
    assert rates.chattering("a", LONG_SINCE_START + 299.0)
    assert not rates.chattering("a", LONG_SINCE_START + 300.0)
    assert rates.at(LONG_SINCE_START + 300.0).changes == {"b": (LONG_SINCE_START + 1.0,)}
    assert rates.split(LONG_SINCE_START + 3599.0) == {1: 0, 2: 1, 3: 0, 4: 0}
    assert rates.split(LONG_SINCE_START + 3600.0) == {1: 0, 2: 0, 3: 0, 4: 0}
    assert rates.at(LONG_SINCE_START + 3600.0).arrivals == ()
