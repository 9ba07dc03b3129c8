"""The interlock matrix (634), row by row and both ways, and with it the proof of each loop and contact (633).

A row is driven by an act at the equipment. While it stands the controller has to say that it forbids the action, and only then an
order is given, to see it refused; nothing is ordered that nothing forbids. Afterwards the row has to be gone. What only rempart
itself makes (a lost order, a second person) is driven by orders. Rows that no act here can drive are listed as not driven.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from controller.commissioning import hands
from controller.commissioning.bench import Bench
from controller.commissioning.hands import Act, acting
from controller.commissioning.record import InterlockRow, Words

CLEAR_S = 5.0
"""How long a row may take to appear and to be over: a loop has to be clear for a second (R09), a contact to be read."""

ACTIONS = {"secure": "secures_by", "open": "opens_by"}


def run(bench: Bench) -> None:
    """Drive every row that can be driven."""
    _opened(bench)
    for heading, grounds in bench.spec["grounds"].items():
        if heading in ACTIONS:
            for ground in grounds:
                _row(bench, str(getattr(bench, ACTIONS[heading])), ground)


def _opened(bench: Bench) -> None:
    """Begin where vehicles pass: where it blocks the way already nothing would move, and nothing forbids it."""
    _at(bench, "lowered" if bench.opens_by == "lower" else "raised", bench.opens_by)


def _at(bench: Bench, state: str, action: str) -> None:
    if bench.desk.shown()["state"] != state:
        bench.desk.travel(action, bench.spec)
    bench.desk.at_rest()


def _row(bench: Bench, action: str, ground: Mapping[str, Any]) -> None:
    act = _act(bench, ground)
    if act is None:
        _listed(bench, action, ground)
        return
    moves_from = "raised" if action == "lower" else "lowered"
    _at(bench, moves_from, "raise" if moves_from == "raised" else "lower")
    what = Words("check.interlock", {"rule": ground["rule"], "device": ground["device"], "action": action})
    because, quiet = "", _levels(bench, ground)
    _note_levels(bench, ground)
    with acting(bench.hands, act) as done:
        forbade = None if not done else False
        if done:
            shown = bench.desk.wait(lambda it: _forbids(it, action, ground), CLEAR_S)
            # The reading itself has to have changed: other conditions have the same rule.
            forbade = shown is not None and (levels := _levels(bench, ground)) != quiet and _all_good(levels)
            _note_levels(bench, ground)
        if forbade:
            bench.desk.mine()
            refused = bench.desk.drive(action, 0.3)
            forbade = refused.life == "refused" and any(one["rule"] == ground["rule"] for one in refused.refusals)
            because = refused.why
    again = None
    if done:
        again = bench.desk.wait(lambda it: not _forbids(it, action, ground), CLEAR_S) is not None
        _note_levels(bench, ground)
    row = InterlockRow(
        rule=ground["rule"],
        device=ground["device"],
        action=action,
        condition=Words("report.typed", {"text": ground["condition"]}),
        forbade=forbade,
        allowed_again=again,
        because=because,
    )
    bench.findings.interlocks.append(row)
    bench.check(what, Words("expect.interlock"), _measured(row), _passed(row), criterion=ground["rule"])


def _listed(bench: Bench, action: str, ground: Mapping[str, Any]) -> None:
    """List a row that no act at the equipment drives: it was not proven here."""
    row = InterlockRow(
        rule=ground["rule"],
        device=ground["device"],
        action=action,
        condition=Words("report.typed", {"text": ground["condition"]}),
        forbade=None,
        allowed_again=None,
    )
    bench.findings.interlocks.append(row)
    what = Words("check.interlock", {"rule": row.rule, "device": row.device, "action": action})
    bench.check(what, Words("expect.interlock"), _measured(row), None, criterion=row.rule)


def _levels(bench: Bench, ground: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
    points = bench.desk.shown(ground["device"])["points"]
    return {signal: (points[signal]["value"], points[signal]["quality"]) for signal in ground["signals"]}


def _all_good(levels: Mapping[str, tuple[Any, str]]) -> bool:
    return all(quality == "good" for _, quality in levels.values())


def _passed(row: InterlockRow) -> bool | None:
    return None if row.forbade is None else row.forbade and bool(row.allowed_again)


def _measured(row: InterlockRow) -> Words:
    told = {"rule": row.rule, "device": row.device}
    if row.forbade is None:
        return Words("found.act_not_done", told)
    if not row.forbade:
        return Words("found.not_forbidden", told)
    return Words("found.interlock", told) if row.allowed_again else Words("found.stays_forbidden", told)


def _forbids(shown: Mapping[str, Any], action: str, ground: Mapping[str, Any]) -> bool:
    return any(
        (one["action"], one["rule"], one["device"]) == (action, ground["rule"], ground["device"])
        for one in shown["interlocks"]
    )


def _note_levels(bench: Bench, ground: Mapping[str, Any]) -> None:
    points = bench.desk.shown(ground["device"])["points"]
    for signal in ground["signals"]:
        bench.saw(f"{ground['device']}.{signal}", points[signal]["value"])


def _act(bench: Bench, ground: Mapping[str, Any]) -> Act | None:
    """Return what makes a row stand; None for one that no act at the equipment makes."""
    rule, device = ground["rule"], ground["device"]
    signals = ground["signals"]
    if rule == "R09":
        return hands.occupied(device)
    if rule == "R29" and "fault" in signals:
        return hands.trouble("loop-open", device, device, f"disconnect the wire of the loop {device} at its detector")
    if rule == "R10":
        return hands.trouble("obstruct", device, device, f"press the safety edge of {device}")
    if rule == "R18" and signals == ["local"]:
        return hands.key_switch(device)
    if rule == "R18" and signals == ["estop"]:
        return hands.trouble("estop", device, device, f"press the emergency stop at {device}")
    if rule == "R31":
        return hands.trouble("controller-fails", device, device, f"set the traffic controller {device} to flashing")
    return hands.contact(device) if rule == "mains" else None
