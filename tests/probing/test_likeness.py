"""Which models could it be? Only an identity can tell; the rest is possible at best."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.readings import Value
from controller.ports import Point
from controller.probing import known_profiles
from drivers.probing.findings import Absent, Thing
from drivers.probing.likeness import Fit, judge, verdicts
from drivers.profile import ModbusProfile


def profile(name: str, identity: dict[str, Value] | None = None, count: int = 4) -> ModbusProfile:
    points: dict[str, Any] = {
        "code": {"source": "manual, p. 1", "table": "holding", "address": 100, "type": "u16"},
        "di": {"source": "manual, p. 1", "table": "discrete", "address": 0, "count": count},
    }
    document = {"profile": name, "protocol": "modbus", "title": name, "source": "manual", "points": points}
    return ModbusProfile.model_validate(document | {"identity": identity or {}})


def reader(**known: Value):
    def read(point: Point) -> Value | Absent:
        return known[point.name] if point.name in known else Absent("exception 2 (illegal data address)")

    return read


INPUTS = {f"di{number}": False for number in range(4)}


def test_an_identity_that_reads_as_it_must_matches():
    verdict = judge(profile("a", {"code": 404}), 7, reader(code=404, di0=True))
    assert (verdict.fit, verdict.address) == (Fit.MATCHES, 7)
    assert verdict.why == "code is 404, as it must be; 2 of 5 points can be read"
    assert verdict.values == {"code": 404, "di0": True}
    assert verdict.unread == dict.fromkeys(("di1", "di2", "di3"), "exception 2 (illegal data address)")


def test_an_identity_that_reads_otherwise_does_not_fit_whatever_else_can_be_read():
    verdict = judge(profile("a", {"code": 404}), 7, reader(code=405, **INPUTS))
    assert (verdict.fit, verdict.why) == (Fit.NOT, "its code is 405, expected 404")


def test_an_identity_that_cannot_be_read_does_not_fit():
    verdict = judge(profile("a", {"code": 404}), 7, reader(**INPUTS))
    assert (verdict.fit, verdict.why) == (Fit.NOT, "its code cannot be read: exception 2 (illegal data address)")


def test_without_an_identity_nothing_more_than_possible_is_said():
    verdict = judge(profile("a"), 7, reader(code=1, **INPUTS))
    assert (verdict.fit, verdict.why) == (Fit.POSSIBLE, "no identity to check; 5 of 5 points can be read")


@pytest.mark.parametrize(
    ("read", "fit"), [({"di0": True, "di1": True}, Fit.NOT), (INPUTS, Fit.POSSIBLE), ({}, Fit.NOT)]
)
def test_with_few_of_its_points_it_is_not_named(read, fit):
    assert judge(profile("a"), 7, reader(**read)).fit is fit


def test_the_best_come_first_and_an_identity_beats_any_number_of_points():
    few, many, match = profile("few", count=8), profile("many"), profile("match", {"code": 1}, count=8)
    thing = Thing("unit 7", "modbus", {}, [], {}, lambda _: [7], reader(code=1, **INPUTS))
    assert [verdict.profile for verdict in verdicts(thing, [few, many, match])] == ["match", "many", "few"]


def test_only_profiles_of_its_own_protocol_are_held_against_it():
    thing = Thing("topic", "mqtt", {}, [], {}, lambda _: ["a"], reader())
    assert {verdict.profile for verdict in verdicts(thing, known_profiles())} == {"irisys-vector", "milesight-vs121"}
