"""Attempts are slowed down by address and by name, and a person at a familiar address is not kept out by strangers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.people.throttle import (
    ADDRESS_MAX_S,
    FAMILIAR_MAX_S,
    FORGET_S,
    FREE,
    KEPT,
    NAME_MAX_S,
    Throttle,
    near,
    pause,
)

HERE, THERE = "192.0.2.1", "192.0.2.2"


def failing(throttle: Throttle, name: str, address: str, times: int, now: float = 0.0, *, familiar: bool = False):
    """Return what each of so many attempts is told."""
    return [throttle.admit(name, address, now, familiar=familiar) for _ in range(times)]


def test_the_first_five_cost_no_wait_then_each_costs_twice_as_much():
    throttle = Throttle()
    assert failing(throttle, "olga", HERE, FREE) == [0.0] * FREE
    assert throttle.admit("olga", HERE, 0.0, familiar=False) == 1.0
    assert throttle.admit("olga", HERE, 1.0, familiar=False) == 0.0
    assert throttle.admit("olga", HERE, 1.0, familiar=False) == 2.0


def test_who_comes_too_early_waits_no_longer_for_it():
    throttle = Throttle()
    failing(throttle, "olga", HERE, FREE)
    assert {throttle.admit("olga", HERE, 0.5, familiar=False) for _ in range(100)} == {0.5}


def test_an_address_is_slowed_down_whatever_names_it_tries():
    throttle = Throttle()
    waits = [throttle.admit(f"name-{n}", HERE, 0.0, familiar=False) for n in range(FREE + 1)]
    assert waits == [0.0] * FREE + [1.0]
    assert throttle.admit("olga", THERE, 0.0, familiar=False) == 0.0


def test_a_name_is_slowed_down_whatever_addresses_guess_at_it():
    throttle = Throttle()
    waits = [throttle.admit("olga", f"192.0.2.{n}", 0.0, familiar=False) for n in range(FREE + 1)]
    assert waits == [0.0] * FREE + [1.0]
    assert throttle.admit("tom", THERE, 0.0, familiar=False) == 0.0


def test_who_is_familiar_at_an_address_is_not_kept_out_by_guesses_at_the_name_or_from_the_address():
    throttle = Throttle()
    for n in range(100):
        failing(throttle, "olga", f"198.51.100.{n}", 10)
        failing(throttle, f"name-{n}", HERE, 10)
    assert throttle.admit("olga", HERE, 0.0, familiar=True) == 0.0


@pytest.mark.parametrize(("familiar", "longest"), [(False, ADDRESS_MAX_S), (True, FAMILIAR_MAX_S)])
def test_nobody_ever_waits_longer_than_said(familiar: bool, longest: float):
    throttle, now, waits = Throttle(), 0.0, []
    for _ in range(200):
        waits.append(throttle.admit("olga", HERE, now, familiar=familiar))
        now += waits[-1]
    assert max(waits) == longest


def test_a_stranger_waits_at_most_30_s_for_a_name_that_others_guess_at():
    throttle, now = Throttle(), 0.0
    for n in range(200):
        now += throttle.admit("olga", f"2001:db8:{n:x}::", now, familiar=False)
    assert throttle.admit("olga", THERE, now, familiar=False) <= NAME_MAX_S


def test_what_succeeds_or_is_not_looked_at_is_taken_back():
    throttle = Throttle()
    for _ in range(100):
        assert throttle.admit("olga", HERE, 0.0, familiar=False) == 0.0
        throttle.took_back("olga", HERE, familiar=False)
        assert throttle.admit("olga", HERE, 0.0, familiar=False) == 0.0
        throttle.succeeded("olga", HERE, familiar=False)


def test_who_logs_in_has_no_more_guesses_at_another_for_it():
    throttle = Throttle()
    for _ in range(FREE):
        assert throttle.admit("olga", HERE, 0.0, familiar=False) == 0.0
        assert throttle.admit("vic", HERE, 0.0, familiar=True) == 0.0
        throttle.succeeded("vic", HERE, familiar=True)
    assert throttle.admit("olga", HERE, 0.0, familiar=False) > 0


def test_many_at_once_are_no_way_around():
    throttle = Throttle()
    waits = failing(throttle, "olga", HERE, 1000)
    assert waits.count(0.0) == FREE


def test_all_is_forgotten_after_a_quarter_of_an_hour():
    throttle = Throttle()
    failing(throttle, "olga", HERE, FREE)
    assert failing(throttle, "olga", HERE, FREE, FORGET_S) == [0.0] * FREE


def test_what_is_remembered_is_bounded():
    throttle = Throttle()
    for n in range(KEPT):
        throttle.admit(f"name-{n}", f"address-{n}", float(n), familiar=False)
    assert len(throttle._counts) == KEPT


@given(st.integers(0, 10_000), st.floats(0, 1000))
def test_a_pause_is_never_longer_than_the_longest_and_never_shrinks(failed: int, most: float):
    assert 0 <= pause(failed, most) <= pause(failed + 1, most) <= most


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("this machine", "this machine"),
        ("", ""),
    ],
)
def test_one_line_is_one_address(address: str, counted: str):
    assert near(address) == counted
