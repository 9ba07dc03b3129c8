"""What pages make of what the controller tells: values in, values out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from controller.console import parts, shown
from controller.console.look import Look

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
TAKEN = 10_000.0


def order(life: str, *refused: str, members: tuple[str, ...] = (), action: str = "release", ago_s: float = 0) -> Any:
    return {
        "id": "o", "principal": "olga", "action": action, "life": life, "ended": life not in ("accepted", "moving"),
        "refusals": [{"rule": rule} for rule in refused], "members": members, "history": [{"life": life}],
        "heard": TAKEN - ago_s,
    }  # fmt: skip


def mover(name: str, *, efo: bool = False, wishes: tuple[tuple[str, str, str], ...] = ()) -> Any:
    return {
        "id": name, "secures_by": "raise", "held": {"efo": {"by": "olga"} if efo else None},
        "wishes": [{"by": by, "action": action, "until": until} for by, action, until in wishes],
    }  # fmt: skip


def alarm(name: str, state: str, priority: int) -> Any:
    return {"id": name, "state": state, "priority": priority}


def test_r34_what_is_over_is_annunciated_after_what_stands_and_is_new_or_urgent() -> None:
    alarms = [
        alarm("seen", "acknowledged", 3), alarm("over", "returned-unacknowledged", 1), alarm("stands", "acknowledged", 1),
        alarm("minor", "unacknowledged", 3), alarm("urgent", "unacknowledged", 2),
    ]  # fmt: skip
    assert [one["id"] for one in shown.loud(alarms)] == ["urgent", "minor", "stands", "over", "seen"]


@pytest.mark.parametrize(
    ("command", "stages"),
    [
        (order("confirmed", action="lock-out"), ["sent", "accepted", "confirmed"]),
        (order("accepted", action="release"), ["sent", "accepted", "confirmed"]),
        (order("confirmed", action="lockdown"), ["sent", "accepted", "confirmed"]),
        (order("accepted", action="raise"), ["sent", "accepted", "moving", "confirmed"]),
    ],
)
def test_an_order_that_moves_no_steel_has_no_stage_in_which_it_does(command: Any, stages: list[str]) -> None:
    assert [stage for stage, _ in shown.stages(command)] == stages


@pytest.mark.parametrize(
    ("command", "shows"),
    [
        (order("confirmed", ago_s=59), True),
        (order("confirmed", ago_s=61), False),
        (order("refused", "two-persons", ago_s=61), False),
        (order("refused", "R09", ago_s=599), True),
        (order("failed", ago_s=601), False),
        (order("moving", ago_s=3600), True),
    ],
)
def test_ones_own_orders_are_shown_while_they_are_news(command: Any, *, shows: bool) -> None:
    latest = Look(1, {}, {}, {}, {"o": command}, at=NOW, taken=TAKEN)
    assert bool(parts.orders_of(latest, "olga")) is shows


@pytest.mark.parametrize(
    ("command", "parts", "noted"),
    [
        (order("refused", "two-persons"), {}, True),
        (order("refused", "two-persons", "R18"), {}, False),
        (order("refused", "R09"), {}, False),
        (order("failed"), {}, False),
        (order("refused", "two-persons", members=("o:a", "o:b")), {}, True),
        (order("failed", "two-persons", members=("o:a", "o:b")), {"o:a": "refused", "o:b": "confirmed"}, True),
        (order("failed", "two-persons", members=("o:a", "o:b")), {"o:a": "refused", "o:b": "failed"}, False),
        (order("failed", "two-persons", members=("o:a", "o:b")), {"o:a": "refused"}, False),
        (order("failed", "two-persons", members=("o:a", "o:b")), {"o:a": "refused", "o:b": "seconded"}, False),
    ],
)
def test_r06_an_order_is_noted_where_nothing_but_the_second_person_is_missing(
    command: Any, parts: dict[str, str], *, noted: bool
) -> None:
    told = {
        name: {
            "life": "confirmed" if life == "seconded" else life,
            "together_with": "sam" if life == "seconded" else None,
        }
        for name, life in parts.items()
    }
    assert shown.noted(command, told) is noted


def test_r06_what_one_person_asked_for_at_several_devices_is_one_wish_that_ends_with_the_first_of_them() -> None:
    devices = {
        "a": mover("a", wishes=(("olga", "release", "12:00:09"),)),
        "b": mover("b", wishes=(("olga", "release", "12:00:07"), ("sam", "lower", "12:00:30"))),
    }
    first, second = shown.wishes(devices)
    assert [one["id"] for one in first["devices"]] == ["a", "b"]
    assert (first["by"], first["until"]) == ("olga", "12:00:07")
    assert ([one["id"] for one in second["devices"]], second["by"]) == (["b"], "sam")


@pytest.mark.parametrize(
    ("latched", "locked", "wholly"),
    [((), [], False), (("a1",), ["a"], False), (("a1", "a2"), ["a"], False), (("a1", "a2", "b1"), ["a", "b"], True)],
)
def test_r06_the_headline_knows_where_a_lockdown_stands(
    latched: tuple[str, ...], locked: list[str], *, wholly: bool
) -> None:
    zones = [{"id": z, "title": z, "devices": d, "secured": True} for z, d in (("a", ["a1", "a2"]), ("b", ["b1"]))]
    devices = {name: mover(name, efo=name in latched) for name in ("a1", "a2", "b1")}
    answer = shown.perimeter({"zones": zones, "secured": True}, devices)
    assert ([one["id"] for one in answer["locked"]], answer["wholly"]) == (locked, wholly)


@pytest.mark.parametrize(
    ("state", "secured", "old", "against"),
    [("lowered", False, False, ["R09"]), ("raised", True, False, []), ("lowered", False, True, ["R09"])],
)
def test_a_row_says_what_forbids_blocking_a_way_that_is_open(
    state: str, *, secured: bool, old: bool, against: list[str]
) -> None:
    point = {"age_s": 2.0 if old else 0.5, "taken": "12:00:00"}
    device = {
        **mover("wedge"), "kind": "road_blocker", "title": "", "mode": "remote", "state": state, "secured": secured,
        "version": 3, "points": {"up": point}, "max_age_s": {"up": 1.0},
        "interlocks": [{"action": "raise", "rule": "R09"}, {"action": "lower", "rule": "R04"}],
    }  # fmt: skip
    brief = shown.brief(device)
    assert ([one["rule"] for one in brief["against"]], brief["old"]) == (against, old)
    assert brief["taken"] == ("12:00:00" if old else None)
    younger = {**device, "points": {"up": {**point, "taken": "12:00:01"}}}
    assert (shown.brief(younger) == brief) is not old, "what is not shown makes no difference"
