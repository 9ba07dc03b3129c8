"""Failure modes (637): lost communication, and lost mains (R17, R21)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from controller.commissioning import hands
from controller.commissioning.bench import Bench
from controller.commissioning.desk import Change
from controller.commissioning.hands import Act
from controller.commissioning.record import Words

NOTICED_S = 10.0
"""How long it may take until the loss of a unit is noticed, and its return: its patience and the longest back-off (5 s)."""


def run(bench: Bench) -> None:
    """Lose each unit that the device is driven by in mid-travel; lose its mains at rest."""
    for unit in _units(bench):
        _lost(bench, unit)
    if bench.spec["mains"]:
        _mains(bench)


def _units(bench: Bench) -> list[str]:
    """Return the units that its outputs hang on."""
    wired = bench.desk.wired()
    return list(dict.fromkeys(unit["id"] for unit, _, signal in wired if signal in bench.spec["outputs"]))


def _lost(bench: Bench, unit: str) -> None:
    device = bench.desk.device
    act = hands.trouble("silence", unit, device, f"pull the communication cable of {unit} while {device} moves")
    bench.desk.travel(bench.opens_by, bench.spec)
    bench.desk.at_rest()
    announced = bench.hands.announced(act)
    state: dict[str, bool] = {} if announced is None else {"done": announced}

    def lose(change: Change) -> None:
        if change[2] is False and "done" not in state:
            state["done"] = True
            state["done"] = bench.hands.done(act)

    try:
        driven = bench.desk.travel(bench.secures_by, bench.spec, seen=lose)
        offline = bench.desk.wait(lambda it: it["state"] in ("offline", "unknown"), NOTICED_S)
    finally:
        if state.get("done"):
            bench.hands.undone(act)
    what = Words("check.comms", {"unit": unit})
    if not state.get("done"):
        bench.check(what, Words("expect.comms"), Words("found.act_not_done", {"rule": "R17", "device": unit}), None)
        return
    back = bench.desk.wait(lambda it: it["state"] not in ("offline", "unknown"), 3 * NOTICED_S)
    still = _moves_by_itself(bench, back)
    bench.check(
        what,
        Words("expect.comms"),
        Words("found.comms", {"life": driven.life, "back": back["state"] if back else "offline", "moved": still}),
        driven.life == "unknown" and offline is not None and back is not None and not still,
        criterion="R17",
        order=str(driven.command["id"]),
    )


def _moves_by_itself(bench: Bench, back: Mapping[str, Any] | None) -> bool:
    """Tell whether it moves after its return, though nobody has ordered it to."""
    if back is None:
        return False
    order = bench.desk.wait(lambda it: bool(it["order"]) or it["state"] in ("raising", "lowering"), 2.0)
    return order is not None


def _mains(bench: Bench) -> None:
    mains = bench.spec["mains"]
    act: Act = hands.contact(mains)
    what = Words("check.mains", {"contact": mains})
    bench.desk.at_rest(bench.spec["travel_s"])
    before = bench.desk.shown()["state"]
    with hands.acting(bench.hands, act) as done:
        if not done:
            bench.check(
                what, Words("expect.mains"), Words("found.act_not_done", {"rule": "R21", "device": mains}), None
            )
            return
        lost = bench.desk.wait(lambda it: any(one["rule"] == "mains" for one in it["interlocks"]), 5.0)
        state = bench.desk.shown()["state"]
    bench.check(
        what,
        Words("expect.mains"),
        Words("found.mains", {"noticed": lost is not None, "before": before, "state": state}),
        lost is not None and state == before,
        criterion="R21",
    )
