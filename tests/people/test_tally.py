"""A flood of failed logins is one record a minute, with its count; what was typed as a name is told only where it is one."""

from __future__ import annotations

from controller.people.tally import EVERY_S, Tally


def test_the_first_is_told_at_once_and_a_flood_once_a_minute():
    tally, told = Tally(), []
    for n in range(10_000):
        tally.failed("olga", f"192.0.2.{n % 100}", n / 100, looked_at=n % 2 == 0)
        told += [body for body in [tally.due(n / 100)] if body]
    told += [body for body in [tally.due(160.0)] if body]
    assert [body["count"] for body in told] == [1, 6000, 3999]
    assert told[1] == {
        "what": "login-failed",
        "count": 6000,
        "turned_away": 3000,
        "over_s": 60.0,
        "users": ["olga"],
        "addresses": [f"192.0.2.{n}" for n in range(1, 11)],
        "more": True,
    }


def test_nothing_is_told_where_nothing_failed():
    tally = Tally()
    assert tally.due(0.0) is None
    tally.failed("", "192.0.2.1", 0.0)
    body = tally.due(0.0)
    assert body is not None
    assert (body["users"], body["more"]) == ([], False)
    assert tally.due(EVERY_S) is None
