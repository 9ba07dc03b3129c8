"""What the API tells, in short words."""

from __future__ import annotations

import pytest

from controller.cli import words
from tests.cli.pictures import alarm, device, order, refusal


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "-"),
        (-0.01, "0.0 s"),
        (0.25, "0.2 s"),
        (42.0, "42 s"),
        (180.0, "3 min"),
        (7200.0, "2 h"),
        (400_000.0, "5 d"),
    ],
)
def test_ages_are_short(seconds: float | None, said: str) -> None:
    assert words.age(seconds) == said
    assert len(said) <= 6


def test_a_reading_older_than_it_may_be_is_stale() -> None:
    old = {"detect": {"value": False, "quality": "good", "taken": "", "age_s": 1.0}}
    assert words.stale(device("l", points=old))
    assert not words.stale(device("l"))


@pytest.mark.parametrize(
    "odd",
    [
        device("b", "bollard", "fault"),
        device("b", "bollard", "raised", mode="local"),
        device("d", "contact", "active"),
        device("c", "counter", "doubtful"),
        device("s", "signal", "dark"),
        device("l", "loop", "offline"),
    ],
)
def test_what_is_not_as_it_should_be_is_abnormal(odd: dict[str, object]) -> None:
    assert words.abnormal(odd)


@pytest.mark.parametrize(
    "fine", [device("l", state="occupied"), device("b", "bollard", "raising"), device("s", "signal", "go")]
)
def test_what_comes_and_goes_in_a_day_is_normal(fine: dict[str, object]) -> None:
    assert not words.abnormal(fine)


def test_the_same_reason_is_told_once_for_all_its_actions() -> None:
    told = [
        refusal("R18", "b", "local", "raise"),
        refusal("R18", "b", "local", "lower"),
        refusal("R09", "l", "occupied"),
    ]
    assert words.forbidden(told, "b") == "no raise/lower: R18 local; no raise: R09 l: occupied"


def test_a_fault_says_why_before_anything_else() -> None:
    odd = device("b", "bollard", "fault", why="cable", interlocks=[refusal("R09", "l", "occupied")])
    assert words.note(odd) == "cable"


def test_a_measurement_has_its_unit() -> None:
    speed = {"speed": {"value": 43.0, "quality": "good", "taken": "", "age_s": 0.1}}
    assert words.note(device("r", "radar", "target", points=speed)) == "43 km/h"
    assert words.note(device("r", "radar", "quiet", points={"speed": {**speed["speed"], "value": None}})) == "no speed"


def test_each_reason_of_a_refusal_has_a_line() -> None:
    refused = order("refused", refusals=[refusal("R09", "entry", "loop occupied"), refusal("R18", "b", "local")])
    assert words.refusals(refused) == ["refused by R09: entry: loop occupied", "refused by R18: b: local"]


def test_alarms_that_say_the_same_are_one_line() -> None:
    lost = [alarm(3, text="no answer", of=name, name="offline") for name in ("a", "b", "c")]
    seen = alarm(3, "acknowledged", "no answer", "d", "offline")
    groups = words.grouped([alarm(), *lost, seen])
    said = [words.alarms(group) for group in groups]
    assert said == ["P1 bollards: fault", "P3 offline ×3: no answer (a, b, c)", "P3 (seen) d: no answer"]


def test_the_way_to_acknowledge_is_said_while_there_is_something_to() -> None:
    one, two, seen = alarm(of="a"), alarm(of="b", state="returned-unacknowledged"), alarm(state="acknowledged")
    assert words.hint([seen]) == ""
    assert words.hint([seen, one]) == "seen? rempart ack a.f"
    assert words.hint([one, two]) == "seen? rempart ack a.f   all: rempart ack --all"


@pytest.mark.parametrize(("number", "said"), [(0, "0 links"), (1, "1 link"), (2, "2 links")])
def test_one_is_not_a_plural(number: int, said: str) -> None:
    assert words.counted(number, "link") == said


def test_an_alarm_says_whether_it_was_seen_and_whether_it_is_over() -> None:
    assert words.alarm(alarm()) == "P1 bollards: fault"
    assert words.alarm(alarm(state="acknowledged")) == "P1 (seen) bollards: fault"
    assert words.alarm(alarm(state="returned-unacknowledged")) == "P1 (over) bollards: fault"


def test_a_hidden_alarm_says_how_by_whom_why_and_until_when() -> None:
    shelved = alarm(state="shelved", until="2026-11-22T14:30:00.000Z", by="op", reason="works")
    assert words.standing(shelved) == "shelved until 2026-11-22 14:30:00 UTC, by op: works"
    assert words.standing(alarm(state="suppressed", reason="io.no-answer says it already")) == (
        "suppressed: io.no-answer says it already"
    )
    assert words.standing(alarm(state="out-of-service", by="op", reason="works")) == "out-of-service, by op: works"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("normal", "over"),
        ("unacknowledged", "stands, new"),
        ("acknowledged", "stands, seen"),
        ("returned-unacknowledged", "over, and nobody has seen it"),
    ],
)
def test_an_alarm_that_was_brought_back_says_how_it_stands(state: str, said: str) -> None:
    assert words.standing(alarm(state=state)) == said


def test_r23_an_alarm_says_that_it_sounds_and_what_it_proposes() -> None:
    told = alarm(sounding=True, stale=True, proposes="secure albert-1er")
    assert words.marks(told) == "sounding, stale, rempart secure albert-1er?"
    assert words.marks(alarm()) == ""


def test_hidden_alarms_are_counted_by_how_they_are_hidden() -> None:
    assert words.hidden([alarm(state="shelved"), alarm(state="suppressed"), alarm(state="suppressed")]) == (
        "hidden: 1 shelved, 2 suppressed   rempart alarms --all"
    )
    assert words.hidden([]) == ""


def test_r23_a_threat_is_abnormal_and_its_speed_is_shown() -> None:
    points = {"speed": {"value": 62, "quality": "good", "taken": "", "age_s": 0.1}}
    radar = device("radar", "radar", "overspeed", points=points, max_age_s={"speed": 1.0})
    assert (words.abnormal(radar), words.note(radar)) == (True, "62 km/h")
    assert words.abnormal(device("lane", "direction", "wrong-way"))


def holding(**held: object) -> dict[str, object]:
    return {"tags": [], "efo": None, "test": "", **held}


TAG = {"tag": "t", "owner": "luc", "why": "hose", "asked_by": ""}
LATCH = {"by": "marie", "role": "operator", "order": "o"}


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (holding(tags=[TAG]), "locked out by luc: hose"),
        (holding(tags=[{**TAG, "asked_by": "zoé"}]), "locked out by luc: hose (zoé asks to lift it)"),
        (holding(efo=LATCH), "emergency latched by marie as operator"),
        (holding(test="luc"), "in test, held by luc"),
        (holding(tags=[TAG], efo=LATCH), "locked out by luc: hose; emergency latched by marie as operator"),
    ],
)
def test_who_holds_a_device_is_said(held: dict[str, object], said: str) -> None:
    assert words.note(device("b", "bollard", "raised", held=held)) == said


def test_what_one_person_asks_for_that_takes_two_is_said() -> None:
    wish = {"action": "release", "by": "marie", "order": "o", "until": ""}
    told = device("b", "bollard", "raised", held=holding(efo=LATCH), wishes=[wish])
    assert words.note(told) == "emergency latched by marie as operator; marie asks for release, nobody else yet"


def test_what_holds_a_device_is_not_said_again_as_what_forbids() -> None:
    forbids = [refusal("lock-out", "b", "locked out by luc: hose (tag t)"), refusal("R09", "loop", "loop occupied")]
    told = device("b", "bollard", "lowered", held=holding(tags=[TAG]), interlocks=forbids)
    assert words.note(told) == "locked out by luc: hose; no raise: R09 loop: loop occupied"


def test_why_a_device_is_lost_is_said_beside_who_holds_it() -> None:
    told = device("b", "bollard", "offline", why="mute: no answer", held=holding(tags=[TAG]))
    assert words.note(told) == "locked out by luc: hose; mute: no answer"


def test_r15_what_an_order_waits_for_is_said() -> None:
    told = device("b", "bollard", "lowered", waiting="proof that lamp is lit (R15)")
    assert words.note(told) == "waits for proof that lamp is lit (R15)"


def test_accepted_risks_are_said_once_for_all_that_have_them() -> None:
    one, two = (device(name, accepted_risks=["no beacon"]) for name in "ab")
    assert words.risks([one, two, device("c")]) == "accepted risks: a, b: no beacon"
    assert words.risks([device("c")]) == ""
