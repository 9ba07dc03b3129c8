"""Obstruction (635): what arrives under steel that is securing the way takes it back, or stops it (R10)."""

from __future__ import annotations

from controller.commissioning import hands
from controller.commissioning.bench import Bench
from controller.commissioning.desk import Change
from controller.commissioning.hands import Act
from controller.commissioning.record import Words


def run(bench: Bench) -> None:
    """Let each thing that is to be noticed arrive in mid-travel."""
    acts = _acts(bench)
    if not acts:
        bench.skipped(Words("check.obstruction", {"what": "-"}), Words("found.nothing_to_obstruct"))
    for name, act in acts.items():
        _taken_back(bench, name, act)


def _acts(bench: Bench) -> dict[str, Act]:
    found = {loop: hands.occupied(loop) for loop in bench.spec["presence"]}
    if any(ground["rule"] == "R10" for ground in bench.spec["grounds"]["secure"]):
        device = bench.desk.device
        words = f"press the safety edge of {device} while it moves"
        found["obstruction"] = hands.trouble("obstruct", device, device, words)
    return found


def _taken_back(bench: Bench, name: str, act: Act) -> None:
    bench.desk.travel(bench.opens_by, bench.spec)
    bench.desk.at_rest()
    leaves = set(bench.spec["bottoms" if bench.secures_by == "raise" else "tops"])
    announced = bench.hands.announced(act)
    state: dict[str, bool] = {} if announced is None else {"done": announced}

    def arrive(change: Change) -> None:
        if change[1] in leaves and change[2] is False and "done" not in state:
            state["done"] = True
            state["done"] = bench.hands.done(act)

    try:
        driven = bench.desk.travel(bench.secures_by, bench.spec, seen=arrive)
    finally:
        if state.get("done"):
            bench.hands.undone(act)
    what = Words("check.obstruction", {"what": name})
    if not state.get("done"):
        why = "found.act_not_done" if "done" in state else "found.never_left"
        bench.check(
            what,
            Words("expect.obstruction"),
            Words(why, {"rule": "R10", "device": name}),
            None,
            order=str(driven.command["id"]),
        )
        return
    opened = "lowered" if bench.opens_by == "lower" else "raised"
    shown = bench.desk.wait(
        lambda it: it["state"] in (opened, "stopped", "raised", "lowered", "fault"), bench.spec["travel_s"]
    )
    rests = shown["state"] if shown is not None else "?"
    # Only this very thing counts: a button that was let go, or an emergency stop, ends a motion too.
    cause = f"R10 {bench.desk.device}" if name == "obstruction" else f"R09 {name}"
    bench.check(
        what,
        Words("expect.obstruction"),
        Words("found.obstruction", {"life": driven.life, "why": driven.why, "state": rests}),
        driven.life == "failed" and rests in (opened, "stopped") and cause in driven.why,
        criterion="R10",
        order=str(driven.command["id"]),
    )
