"""An order followed by its events, without a controller: what is hard to bring about with one."""

from __future__ import annotations

from typing import Any

import pytest

from controller.cli.exits import Exit, Failure
from controller.cli.follow import Follower
from controller.cli.sse import ServerEvent


def command(life: str, name: str = "o1", target: str = "gate", *members: str, **more: Any) -> dict[str, Any]:
    ended = life not in ("received", "accepted", "issued", "moving")
    history = [{"life": "received", "at": "2026-11-22T12:00:00Z"}, {"life": life, "at": "2026-11-22T12:00:04.600Z"}]
    told = {
        "id": name,
        "target": target,
        "action": "secure",
        "life": life,
        "ended": ended,
        "because": "",
        "refusals": [],
    }
    return {**told, "members": list(members), "history": history, **more}


def device(name: str, state: str) -> dict[str, Any]:
    return {
        "id": name,
        "state": state,
        "secured": state == "raised",
        "secures_by": "raise",
        "mode": "remote",
        "order": None,
        "waiting": "",
        "held": {"tags": [], "efo": None, "test": ""},
        "wishes": [],
        "why": "",
    }


def event(kind: str, data: dict[str, Any]) -> ServerEvent:
    return ServerEvent("b-1", kind, data)


@pytest.fixture
def answers() -> dict[str, Any]:
    """What the controller would answer, by path."""
    return {"devices/a": device("a", "raised"), "devices/b": device("b", "raised")}


def zone(answers: dict[str, Any]) -> Follower:
    return Follower(command("accepted", "o1", "gate", "o1.a", "o1.b"), answers.__getitem__)


def test_a_zone_of_which_one_member_fails_is_not_done(answers, capsys) -> None:
    follower = zone(answers)
    follower.take(event("command", command("confirmed", "o1.a", "a")))
    follower.take(event("command", command("failed", "o1.b", "b", because="travel time exceeded")))
    follower.take(event("command", {**command("failed"), "members": ["o1.a", "o1.b"], "because": "b failed"}))
    assert follower.report() is Exit.NOT_DONE
    captured = capsys.readouterr()
    assert captured.out == "a raised (4.6 s)\n"
    assert captured.err == "b: secure failed: travel time exceeded\ngate: secure failed: b failed\n"


def test_the_end_of_a_member_is_told_once(answers, capsys) -> None:
    follower = zone(answers)
    for _ in range(2):
        follower.take(event("command", command("confirmed", "o1.a", "a")))
    assert capsys.readouterr().out == "a raised (4.6 s)\n"


def test_an_end_that_was_asked_for_is_told_once_though_the_stream_comes_to_it_later(answers, capsys) -> None:
    ended = command("confirmed", "o1.a", "a")
    begun = {**command("accepted", "o1.a", "a"), "history": ended["history"][:1]}
    follower = zone(answers | {"commands/o1.a": ended, "commands/o1.b": begun, "commands/o1": zone(answers).command})
    follower.catch_up()
    for told in (begun, ended):
        follower.take(event("command", told))
    assert capsys.readouterr().out == "a raised (4.6 s)\n"


def test_events_lost_on_the_way_are_asked_for(answers, capsys) -> None:
    follower = zone(answers)
    answers["commands/o1.a"] = command("confirmed", "o1.a", "a")
    answers["commands/o1.b"] = command("confirmed", "o1.b", "b")
    answers["commands/o1"] = command("confirmed", "o1", "gate", "o1.a", "o1.b")
    follower.take(event("reset", {"why": "read too slowly"}))
    assert follower.ended
    assert follower.report() is Exit.DONE
    assert capsys.readouterr().out == "a raised (4.6 s)\nb raised (4.6 s)\ngate secured (4.6 s)\n"


def test_it_goes_on_after_the_last_event_that_has_an_id(answers) -> None:
    follower = zone(answers)
    for name in ("b-7", ""):
        follower.take(ServerEvent(name, "hello", {}))
    assert follower.last_id == "b-7"


def test_an_event_that_could_not_be_taken_in_is_asked_for_again(answers) -> None:
    follower = zone(answers)
    with pytest.raises(KeyError):
        follower.take(event("reset", {"why": "read too slowly"}))
    assert follower.last_id == ""


def test_what_others_do_is_not_told(answers, capsys) -> None:
    follower = zone(answers)
    follower.take(event("command", command("confirmed", "other", "c")))
    follower.take(event("device", {"id": "c", "state": "raising"}))
    follower.take(event("alarm", {"id": "c.fault"}))
    assert not follower.ended
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("life", ["failed", "expired", "superseded", "unknown"])
def test_any_other_end_is_not_done_and_says_which(answers, capsys, life: str) -> None:
    follower = Follower(command(life, "o1", "a", because="so"), answers.__getitem__)
    assert follower.report() is Exit.NOT_DONE
    assert capsys.readouterr().err == f"a: secure {life}: so\n"


def test_a_refusal_without_reasons_is_still_one(answers, capsys) -> None:
    follower = Follower(command("refused", "o1", "a", because="stopping"), answers.__getitem__)
    assert follower.report() is Exit.REFUSED
    assert capsys.readouterr().err == "refused: stopping\n"


@pytest.mark.parametrize(("action", "other"), [("raise", "lowering"), ("secure", "lowering"), ("stop", "raising")])
def test_the_motion_of_the_order_that_came_instead_is_not_told_as_ours(answers, capsys, action, other) -> None:
    follower = Follower(command("moving", "o1", "a", action=action), answers.__getitem__)
    follower.take(event("device", device("a", other)))
    follower.take(
        event("command", command("superseded", "o1", "a", action=action, because="by a newer order of bruno to x"))
    )
    assert follower.report() is Exit.NOT_DONE
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"a: {action} superseded by a newer order of bruno to x\n")


@pytest.mark.parametrize(("action", "ours"), [("raise", "raising"), ("secure", "raising"), ("open", "lowering")])
def test_the_motion_that_was_asked_for_is_told(answers, capsys, action: str, ours: str) -> None:
    follower = Follower(command("accepted", "o1", "a", action=action), answers.__getitem__)
    follower.take(event("device", device("a", ours)))
    assert capsys.readouterr().out == f"a {ours} …\n"


def test_a_member_that_has_ended_moves_for_somebody_else(answers, capsys) -> None:
    follower = Follower(command("accepted", "o1", "gate", "o1:a", "o1:b"), answers.__getitem__)
    follower.take(event("command", command("superseded", "o1:a", "a", because="by a newer order of bruno to stop")))
    follower.take(event("device", device("a", "raising")))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("members", [(), ("o1:a",)])
def test_r10_steel_that_is_taken_back_is_told_with_what_it_met(answers, capsys, members: tuple[str, ...]) -> None:
    target = "gate" if members else "a"
    follower = Follower(command("moving", "o1", target, *members, action="secure"), answers.__getitem__)
    answers["devices/a"]["order"] = members[0] if members else "o1"
    follower.take(event("device", {**device("a", "lowering"), "why": "R09 loop: loop occupied"}))
    assert capsys.readouterr().out == "a lowering: taken back, R09 loop: loop occupied …\n"


def test_what_an_order_waits_for_is_told_once_and_only_of_ours(answers, capsys) -> None:
    follower = zone(answers)
    waits = {"order": "o1.a", "waiting": "proof that lamp is lit (R15)"}
    answers["devices"] = [{**device("a", "lowered"), **waits}, {**device("b", "lowered"), **waits, "order": "other"}]
    for _ in range(2):
        follower.look()
    assert capsys.readouterr().out == "a waits for proof that lamp is lit (R15) …\n"


def test_a_controller_that_cannot_be_asked_ends_no_order(capsys) -> None:
    def gone(_: str) -> Any:
        raise Failure(Exit.NO_CONTROLLER, "no controller answers")

    Follower(command("accepted", "o1", "a"), gone).look()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("action", "held", "said"),
    [
        ("lift", {}, "a: lifted"),
        ("release", {}, "a: lifted"),
        ("release", {"efo": {"by": "x", "role": "operator", "order": "o9"}}, "a: release was confirmed at"),
        ("test", {"test": "luc"}, "a: lifted"),
        ("test", {"test": "zoé"}, "a: test was confirmed at"),
        ("end-test", {"test": "luc"}, "a: end-test was confirmed at"),
        ("lock-out", {}, "a: lock-out was confirmed at"),
    ],
)
def test_what_holds_no_more_is_not_told_as_the_present(answers, capsys, action: str, held: dict, said: str) -> None:
    answers["devices/a"]["held"] |= held
    given = command("confirmed", "o1", "a", action=action, because="lifted", by="luc")
    assert Follower(given, answers.__getitem__).report() is Exit.DONE
    assert capsys.readouterr().out.startswith(said)
