"""Emergency fast operation (637): its stages, its latch and its reset by another role, and that presence vetoes it (R02-R09)."""

from __future__ import annotations

import time
from typing import Any

from controller.cli.exits import Exit, Failure
from controller.commissioning import hands
from controller.commissioning.bench import Bench
from controller.commissioning.desk import Driven
from controller.commissioning.record import Stage, Words
from controller.ids import uuid7

STAGES = (("initiation", "received", "accepted"), ("actuator", "accepted", "issued"), ("motion", "issued", "confirmed"))


def run(bench: Bench) -> None:
    """Fire it with the way free, and once more with a vehicle in it."""
    if bench.supervisor is None:
        bench.skipped(Words("check.emergency"), Words("found.no_supervisor"))
        return
    bench.desk.travel(bench.opens_by, bench.spec)
    _fired(bench)
    if not bench.spec["efo_ignores_presence"]:
        for loop in bench.spec["presence"]:
            _vetoed(bench, loop)


def _fired(bench: Bench) -> None:
    bench.desk.mine()
    command = bench.desk.order("lockdown", "acceptance test: emergency", expires_in_s=30.0)
    try:
        _looked_at(bench, Driven(bench.desk.ended(command["id"], 40.0)))
    finally:
        _reset(bench, str(command["id"]))


def _looked_at(bench: Bench, driven: Driven) -> None:
    for name, first, last in STAGES:
        bench.findings.emergency.append(Stage(name=name, seconds=driven.seconds(first, last)))
    alarms = [
        one["name"] for one in bench.desk.controller.get("alarms")["alarms"] if one["device"] == bench.desk.device
    ]
    took = driven.seconds("issued", "confirmed")
    told = Words("found.order", {"life": driven.life, "why": driven.why})
    bench.check(
        Words("check.emergency"),
        Words("expect.emergency", {"seconds": bench.spec["efo_s"]}),
        told if took is None else Words("found.seconds", {"seconds": took}),
        driven.life == "confirmed" and took is not None and took <= bench.spec["efo_s"],
        criterion="R02",
        value=took,
        unit="s",
        order=str(driven.command["id"]),
    )
    bench.check(
        Words("check.duress"),
        Words("expect.duress"),
        Words("found.alarms", {"alarms": alarms}) if alarms else Words("found.no_alarms"),
        "duress" in alarms,
        criterion="R07",
    )
    if bench.desk.shown()["held"]["efo"] is None:
        bench.check(
            Words("check.latched"), Words("expect.latched"), Words("found.rules", {"rules": []}), False, criterion="R06"
        )
        return
    # Held, and nobody renews it: what should not be accepted ends within a second.
    refused = bench.desk.order(bench.opens_by, "acceptance test: it is latched", hold=bench.spec["stoppable"])
    rules = [one["rule"] for one in refused["refusals"]]
    bench.check(
        Words("check.latched"),
        Words("expect.latched"),
        Words("found.rules", {"rules": rules}),
        refused["life"] == "refused" and "R06" in rules,
        criterion="R06",
        order=str(refused["id"]),
    )


def _reset(bench: Bench, order: str) -> None:
    """Reset the emergency that `order` has fired, in the other role, and no other one; take the device for the test again.

    Raises Failure where somebody else's emergency is latched.
    """
    assert bench.supervisor is not None  # noqa: S101 (asked for before anything is fired)
    efo = bench.desk.shown()["held"]["efo"]
    if efo is not None and efo["order"] != order:
        raise Failure(
            Exit.NOT_DONE, f"an emergency was fired by {efo['by']}, which is not this test's: nothing more is done"
        )
    released: dict[str, Any] = bench.supervisor.give(
        {
            "id": uuid7(time.time_ns() // 1_000_000),
            "target": bench.desk.device,
            "action": "release",
            "by": bench.desk.by,
            "reason": "acceptance test: reset",
        }
    )
    bench.check(
        Words("check.reset"),
        Words("expect.reset"),
        Words("found.order", {"life": released["life"], "why": released["because"]}),
        released["life"] == "confirmed",
        criterion="R06",
        order=str(released["id"]),
    )
    bench.desk.take()
    bench.desk.at_rest()


def _vetoed(bench: Bench, loop: str) -> None:
    """An emergency waits for a vehicle to leave, and blocks the way then (R09)."""
    bench.desk.travel(bench.opens_by, bench.spec)
    what, expected = Words("check.emergency_presence", {"loop": loop}), Words("expect.emergency_presence")
    order = ""
    try:
        with hands.acting(bench.hands, hands.occupied(loop)) as done:
            if not done:
                bench.check(what, expected, Words("found.act_not_done", {"rule": "R09", "device": loop}), None)
                return
            if bench.desk.wait(lambda it: it["state"] == "occupied", 5.0, loop) is None:
                bench.check(
                    what, expected, Words("found.state", {"device": loop, "state": "clear"}), False, criterion="R09"
                )
                return
            bench.desk.mine()
            order = bench.desk.fire("acceptance test: emergency with a vehicle in the way")
            waits = bench.desk.wait(lambda it: bool(it["waiting"]), 2.0)
            stood = waits is not None and waits["state"] == ("lowered" if bench.opens_by == "lower" else "raised")
        ended = bench.desk.ended(order, 40.0)
        passed = stood and ended["life"] == "confirmed"
        found = Words("found.waited", {"waited": stood, "life": ended["life"]})
        bench.check(what, expected, found, passed, criterion="R09", order=order)
    finally:
        if order:
            _reset(bench, order)
