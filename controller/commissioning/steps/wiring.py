"""Point by point (633): each output moves the steel that it is drawn for, and the limit switches show it in the right order.

Each output that starts a motion is forced, held, until the limits say that the steel is at an end, whatever they call it. What an
order would conclude from the limits is concluded from nothing here: relay and limit are proven by one another and, where a person
is there, by eye. A drive that cannot be stopped is not forced; it is ordered, and the order's end tells.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from controller.commissioning.bench import Bench
from controller.commissioning.desk import Change, Driven
from controller.commissioning.record import Words

OUTPUTS = {"raise": "tops", "lower": "bottoms"}
OTHER = {"raise": "lower", "lower": "raise"}
EXTRA_S = 2.0
"""How much longer than its longest travel an output is held before nothing counts as moved."""
PASSES_S = 1.5
"""After which a refusal has passed that will: a loop has to have been clear for a second (R09).

A device does not show that it has not where its limits, swapped perhaps, say that the steel is there already."""


def run(bench: Bench) -> None:
    """Prove the outputs with the limits, and the limits with the outputs."""
    places = _places(bench)
    # Away from where the first one leads: what is there already shows nothing.
    first = "lower" if bench.desk.shown()["state"] == "raised" else "raise"
    for action in (first, OTHER[first]):
        if bench.spec["stoppable"]:
            _forced(bench, action, places)
        else:
            _ordered(bench, action)
    _members(bench)


def _forced(bench: Bench, action: str, places: Mapping[str, str]) -> None:
    output, level = _output(bench, action)
    place = places.get(output, "?")
    goals, starts = bench.spec[OUTPUTS[action]], bench.spec[OUTPUTS[OTHER[action]]]
    what = Words("check.output", {"output": action, "place": place})
    expected = Words("expect.output", {"starts": starts, "goals": goals})

    moved: list[str] = []

    def there(shown: Mapping[str, Any]) -> bool:
        return bool(moved) and (_on(shown, goals) or _on(shown, starts))

    def seen(change: Change) -> None:
        _, signal, level = change
        bench.saw(f"{bench.desk.device}.{signal}", level)
        if signal in (*goals, *starts):
            moved.append(signal)

    def held_on() -> tuple[dict[str, Any], Driven]:
        before = bench.desk.mine()
        return before, bench.desk.drive(
            "set-output", bench.spec["travel_s"] + EXTRA_S, until=there, seen=seen, point=output, level=level,
            reason=f"acceptance test: output {action}",
        )  # fmt: skip

    before, driven = held_on()
    if driven.refusals:
        time.sleep(PASSES_S)
        before, driven = held_on()
    measured, passed = _judged(bench, driven, before, action, place)
    if passed and bench.hands.attended:
        sees = bench.hands.sees(f"did the steel {action}, all of it, and did the right relay click ({place})?")
        passed, measured = bool(sees), measured if sees else Words("found.not_seen", {"output": action, "place": place})
    bench.check(what, expected, measured, passed, criterion="R25", order=str(driven.command["id"]))
    bench.desk.at_rest()


def _output(bench: Bench, action: str) -> tuple[str, bool | int]:
    """Return the output that an action switches, and to what."""
    codes = bench.spec["drive"]["codes"]
    return ("command", int(codes[action])) if bench.spec["drive"]["type"] == "setpoint" else (action, True)


def _judged(bench: Bench, driven: Driven, before: Mapping[str, Any], action: str, place: str) -> tuple[Words, bool]:
    """Say what the limits have shown, and whether that is what the drawing says."""
    goals, starts = bench.spec[OUTPUTS[action]], bench.spec[OUTPUTS[OTHER[action]]]
    told = {"output": action, "place": place}
    if driven.life not in ("confirmed", "failed") or driven.refusals:
        return Words("found.not_driven", {**told, "why": driven.why}), False
    limits = [(at, signal, on) for at, signal, on in driven.changes if signal in (*goals, *starts)]
    if not limits:
        return Words("found.nothing_moved", told), False
    went_off = {signal for _, signal, on in limits if not on}
    came_on = {signal for _, signal, on in limits if on}
    left = {signal for signal in starts if before["points"][signal]["value"] is True}
    if came_on >= set(goals) and left <= went_off and not came_on & set(starts):
        return Words("found.moved", {**told, "seconds": limits[-1][0], "limits": sorted(came_on)}), True
    if went_off & set(goals) and came_on & set(starts):
        return Words("found.backwards", {**told, "off": sorted(went_off), "on": sorted(came_on)}), False
    missing = sorted(set(goals) - came_on)
    if not came_on:
        return Words("found.no_limit", {**told, "off": sorted(went_off), "missing": missing}), False
    return Words("found.some_limits", {**told, "missing": missing}), False


def _ordered(bench: Bench, action: str) -> None:
    bench.desk.mine()
    command = bench.desk.order(action, f"acceptance test: {action}", expires_in_s=30.0)
    driven = Driven(bench.desk.ended(command["id"], bench.spec["travel_s"] + 40.0))
    bench.check(
        Words("check.ordered", {"output": action}),
        Words("expect.ordered"),
        Words("found.order", {"life": driven.life, "why": driven.why}),
        driven.life == "confirmed",
        criterion="R25",
        order=str(command["id"]),
    )


def _members(bench: Bench) -> None:
    """Every limit switch has to have been seen in both its levels."""
    seen = bench.findings.driven_inputs
    for signal in (*bench.spec["tops"], *bench.spec["bottoms"]):
        name = f"{bench.desk.device}.{signal}"
        levels = seen.get(name, [])
        bench.check(
            Words("check.limit", {"signal": signal}),
            Words("expect.both_levels"),
            Words("found.both_levels") if len(levels) == 2 else Words("found.one_level", {"signal": signal}),
            len(levels) == 2,
            criterion="R20",
        )  # fmt: skip


def _places(bench: Bench) -> dict[str, str]:
    """Return where each signal of the device is wired to."""
    return {signal: f"{unit['id']}.{point['id']}" for unit, point, signal in bench.desk.wired()}


def _on(shown: Mapping[str, Any], signals: list[str]) -> bool:
    return all(shown["points"][signal]["value"] is True for signal in signals)
