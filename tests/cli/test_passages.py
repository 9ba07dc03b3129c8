"""Passages at the desk: what a person sees of them, and with which code the command ends."""

from __future__ import annotations

from typing import Any

import pytest

from controller.cli.exits import Exit
from controller.cli.passages import line
from controller.cli.passfollow import PassageFollower
from controller.cli.sse import ServerEvent
from tests.cli.desk import Desk


async def test_a_vehicle_is_let_through_and_the_whole_of_it_is_told(desk: Desk) -> None:
    running = await desk.shell.start("pass", "bollard", "--vehicle", "AB-123-CD", "--by", "night desk")
    await running.says("bollard open\n")
    desk.rig.link.detect("entry")
    await running.says("bollard open: entry occupied …\n")
    desk.rig.link.detect("entry", False)
    outcome = await running.end()
    lines = outcome.out.splitlines()
    assert lines[:4] == [
        "bollard opening …",
        "bollard open",
        "bollard open: entry occupied …",
        "bollard securing: the vehicle has passed …",
    ]
    assert lines[4].startswith("bollard secured (")
    assert (outcome.code, outcome.err) == (Exit.DONE, "")
    listed = await desk.shell.rempart("passages", "--all")
    assert listed.out.startswith("bollard done (since ")
    assert "AB-123-CD, night desk" in listed.out


async def test_a_refused_passage_says_why(desk: Desk) -> None:
    begun = await desk.shell.rempart("pass", "bollard", "--no-wait", "--id", "p1")
    assert (begun.code, begun.out.splitlines()[0]) == (Exit.DONE, "bollard opening …")
    refused = await desk.shell.rempart("pass", "bollard")
    assert (refused.code, refused.out) == (Exit.REFUSED, "")
    assert refused.err.startswith("refused by passage: bollard: it is in passage p1 (")


async def test_a_passage_that_somebody_ends_is_not_done(desk: Desk) -> None:
    running = await desk.shell.start("pass", "bollard")
    await running.says("bollard open\n")
    ended = await desk.shell.rempart("end", "bollard", "--by", "night desk")
    assert (ended.code, ended.out.split(" (since")[0]) == (
        Exit.DONE,
        "bollard cancelled: bollard cancelled: ended by night desk",
    )
    outcome = await running.end()
    assert (outcome.code, outcome.err) == (Exit.NOT_DONE, "bollard cancelled: ended by night desk\n")


async def test_what_is_not_under_way_cannot_be_ended(desk: Desk) -> None:
    outcome = await desk.shell.rempart("end", "bollard")
    assert (outcome.code, outcome.err) == (
        Exit.USAGE,
        "rempart: no passage 'bollard' is under way: none is under way\n",
    )
    assert (await desk.shell.rempart("passages")).out == "no passage is under way\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("pass", "bolard"), "no mover 'bolard': did you mean bollard?"),
        (("route", "south"), "no route 'south': there are none"),
        (("pass", "bollard", "--direction", "in"), "direction: bollard is no row of an airlock"),
    ],
)
async def test_names_that_stand_for_nothing(desk: Desk, words: tuple[str, ...], says: str) -> None:
    outcome = await desk.shell.rempart(*words)
    assert (outcome.code, says in outcome.err) == (Exit.USAGE, True)


@pytest.mark.parametrize("first", ["outer", "inner"])
def test_a_passage_through_an_airlock_says_which_row_opens_first(capsys, first: str) -> None:
    """`in` and `out` tell that only to somebody who knows at which side the row is that he named."""
    last = {"outer": "inner", "inner": "outer"}[first]
    follower(passage("opening", (first, "opening"), (last, "requested"), form="airlock", target="inner"))
    assert capsys.readouterr().out.splitlines() == [
        f"through the airlock: {first} opens first, then {last}",
        f"{first} opening …",
    ]


def test_an_airlock_that_is_refused_is_not_said_to_open(capsys) -> None:
    follower(passage("refused", ("a", "refused"), ("b", "requested"), form="airlock", target="a"))
    assert capsys.readouterr().out == ""


# A passage followed by its events, without a controller.


def passage(stage: str, *points: tuple[str, str], steps: int = 1, **more: Any) -> dict[str, Any]:
    history = [{"at": f"2026-11-22T12:00:0{i}Z"} for i in range(steps)]
    told = {"id": "p", "target": "south", "form": "route", "hold_s": 600.0, "because": "so", "refusals": []}
    shown = [{"device": device, "stage": at, "because": f"why {at}"} for device, at in points]
    return {**told, "stage": stage, "ended": stage in ("done", "failed"), "points": shown, "history": history, **more}


def follower(first: dict[str, Any], *, until_open: bool = False) -> PassageFollower:
    return PassageFollower(first, lambda path: first, until_open=until_open)


def event(data: dict[str, Any]) -> ServerEvent:
    return ServerEvent("b-1", "passage", data)


def test_what_the_answer_told_already_is_not_told_again(capsys) -> None:
    one = follower(passage("opening", ("a", "opening"), steps=2), until_open=True)
    one.take(event(passage("requested", ("a", "requested"), steps=1)))
    one.take(event(passage("opening", ("a", "opening"), steps=2)))
    assert capsys.readouterr().out == "a opening …\n"


def test_a_route_is_followed_until_every_point_is_open(capsys) -> None:
    one = follower(passage("opening", ("a", "open"), ("b", "opening")), until_open=True)
    assert not one.ended
    assert one.take(event(passage("open", ("a", "open"), ("b", "open"))))
    assert one.report() is Exit.DONE
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "south open, held for 600 s at most: `rempart end south` ends it"


def test_a_route_of_which_a_point_does_not_open_is_not_done(capsys) -> None:
    one = follower(passage("open", ("a", "open"), ("b", "failed")), until_open=True)
    assert (one.ended, one.report()) == (True, Exit.NOT_DONE)
    assert capsys.readouterr().err == "b failed: why failed\n"


def test_what_is_held_waits_for_a_person_and_so_nobody_waits_for_it(capsys) -> None:
    one = follower(passage("held", ("a", "held"), ("b", "securing")))
    assert not one.ended
    one.take(event(passage("held", ("a", "held"), ("b", "done"))))
    assert (one.ended, one.report()) == (True, Exit.NOT_DONE)
    captured = capsys.readouterr()
    assert captured.out == "b securing: why securing …\nb secured\n"
    assert captured.err == "a held: why held\nsecure it when the way is clear: rempart secure a\n"


def test_the_end_of_a_route_is_told_with_its_time(capsys) -> None:
    one = follower(passage("done", ("a", "done"), ("b", "done"), steps=3))
    assert (one.ended, one.report()) == (True, Exit.DONE)
    assert capsys.readouterr().out == "a secured\nb secured\nsouth secured (2.0 s)\n"


def test_a_failed_route_says_so_beside_its_points(capsys) -> None:
    one = follower(passage("failed", ("a", "done"), ("b", "failed")))
    assert one.report() is Exit.NOT_DONE
    assert capsys.readouterr().err == "b failed: why failed\nsouth failed: so\n"


def test_events_lost_on_the_way_are_asked_for() -> None:
    first = passage("opening", ("a", "opening"))
    one = PassageFollower(first, lambda path: passage("done", ("a", "done")), quiet=True)
    assert one.take(ServerEvent("b-2", "reset", {}))
    assert one.last_id == "b-2"


def test_a_route_in_the_list_has_its_points_below_it() -> None:
    told = passage("open", ("a", "open"), ("b", "held"), requested="2026-11-22T12:00:00Z", vehicle="", by="", reason="")
    assert line(told) == "south open: so (since 12:00:00 UTC)\n  a open: why open\n  b held: why held"
