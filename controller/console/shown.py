"""What a page says of a device, an alarm and a line: which word, how it is coloured, and what it means. Values in, values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

Told = Mapping[str, Any]

BAD_STATES = frozenset({"unknown", "offline", "fault", "dark", "doubtful", "failure"})
MOVING = frozenset({"raising", "lowering"})
THREATS = frozenset({"overspeed", "wrong-way"})
DONE_S, WENT_WRONG_S = 60.0, 600.0
"""How long an order that has ended is shown to whoever gave it: it is on record as long as the journal is."""
MOVES_NOTHING = frozenset({"release", "lock-out", "lift", "test", "end-test", "re-arm", "set-output"})
URGENT = 2
"""The priority from which on an alarm stays in view though somebody has seen it."""
HIDDEN = ("shelved", "suppressed", "out-of-service")


def is_mover(device: Told) -> bool:
    """Tell whether it blocks and opens a way."""
    return device["secures_by"] is not None


def look_of(device: Told) -> str:
    """Return what the device looks like: closed, open, moving, unknown, fault, alert or normal."""
    if is_mover(device):
        if device["state"] in ("fault",):
            return "fault"
        if device["state"] in BAD_STATES:
            return "unknown"
        if device["state"] in MOVING:
            return "moving"
        return "closed" if device["secured"] else "open"
    if device["state"] in BAD_STATES and (device["kind"], device["state"]) != ("beacon", "dark"):
        return "fault" if device["state"] == "fault" else "unknown"
    if device["state"] in THREATS or (device["kind"], device["state"]) == ("contact", "active"):
        return "alert"
    return "normal"


def stale(device: Told) -> list[str]:
    """Return the signals whose readings are older than they may be."""
    limits = device["max_age_s"]
    return [name for name, one in device["points"].items() if float(one["age_s"]) >= limits.get(name, float("inf"))]


def taken(device: Told) -> str | None:
    """Return when the oldest reading that the device rests on was taken; None where it has none."""
    return min((one["taken"] for one in device["points"].values()), default=None)


def brief(device: Told) -> Told:
    """Return what a row and the plan say of a device, which is the same as long as they say the same.

    `old` tells whether it rests on readings that are too old, the oldest `taken` then; `against` is what forbids blocking the way
    where it is open.
    """
    fields = ("id", "kind", "title", "mode", "state", "secured", "secures_by", "version")
    old, open_now = bool(stale(device)), look_of(device) in ("open", "moving")
    against = [one for one in device["interlocks"] if open_now and one["action"] == device["secures_by"]]
    return {
        **{name: device[name] for name in fields}, "old": old, "taken": taken(device) if old else None, "against": against,
    }  # fmt: skip


def perimeter(site: Told, devices: Mapping[str, Told]) -> dict[str, Any]:
    """Answer whether the perimeter is closed: `answer` is closed, open or unknown; `lines` are the zones that say so.

    `doubtful` are those besides of which nothing is known, `locked` those under a lockdown, in whole or in part.
    """
    answer = {True: "closed", False: "open", None: "unknown"}
    lines = [line(zone, devices) for zone in site["zones"]]
    lines = [one for one in lines if one["movers"]]
    state = answer[site["secured"]] if lines else "unknown"
    said = [one for one in lines if one["state"] == state]
    doubtful = [one for one in lines if one["state"] == "unknown" and state != "unknown"]
    locked = [one for one in lines if one["locked_down"]]
    return {
        "answer": state, "lines": said, "doubtful": doubtful, "all": lines, "locked": locked,
        "wholly": bool(lines) and all(one["wholly"] for one in lines),
    }  # fmt: skip


def line(zone: Told, devices: Mapping[str, Told]) -> dict[str, Any]:
    """Show a zone as a line: closed, open or not known, with its movers."""
    movers = [devices[name] for name in zone["devices"] if name in devices and is_mover(devices[name])]
    state = {True: "closed", False: "open", None: "unknown"}[zone["secured"]]
    locked = [mover for mover in movers if mover["held"]["efo"] is not None]
    return {
        "id": zone["id"], "title": zone["title"], "state": state, "movers": movers,
        "locked_down": bool(locked), "wholly": bool(locked) and len(locked) == len(movers),
    }  # fmt: skip


def wishes(devices: Mapping[str, Told]) -> list[dict[str, Any]]:
    """Return what people have asked for that takes a second one: what one asked for at several devices once, with all of them.

    `until` is when the first of them is forgotten.
    """
    asked: dict[tuple[str, str], dict[str, Any]] = {}
    for device in devices.values():
        for wish in device.get("wishes", ()):
            one = asked.setdefault((wish["by"], wish["action"]), {**wish, "devices": []})
            one["devices"].append(device)
            one["until"] = min(one["until"], wish["until"])
    return list(asked.values())


def noted(command: Told, commands: Mapping[str, Told]) -> bool:
    """Tell whether an order was taken down as the wish of the first of two people, and nothing else came of it.

    Of an order to a zone: wherever it was not done, or there was nothing to do.
    """
    if {refusal["rule"] for refusal in command["refusals"]} != {"two-persons"}:
        return False
    if command["life"] == "refused":
        return True
    parts = [commands.get(member) for member in command["members"]]
    return command["life"] == "failed" and all(
        part is not None
        and (part["life"] == "refused" or (part["life"] == "confirmed" and part["together_with"] is None))
        for part in parts
    )


def loud(alarms: Sequence[Told]) -> list[Told]:
    """Return the alarms that are annunciated: what nobody has seen, what is urgent, what is over unseen, the rest."""

    def rank(one: Told) -> int:
        if one["state"] == "returned-unacknowledged":
            return 2
        return 0 if one["state"] == "unacknowledged" else 1 if one["priority"] <= URGENT else 3

    return sorted(alarms, key=lambda one: (rank(one), one["priority"]))


def age_s(label: str | None, now: datetime) -> float:
    """Return how many seconds ago an instant (RFC 3339) was."""
    return (now - datetime.fromisoformat(label)).total_seconds() if label else 0.0


def past(command: Told, commands: Mapping[str, Told], ended_s: float) -> bool:
    """Tell whether an order that ended so many seconds ago is no news: one that went as it should is for a shorter time."""
    return ended_s > (DONE_S if command["life"] == "confirmed" or noted(command, commands) else WENT_WRONG_S)


def stages(command: Told) -> list[tuple[str, bool]]:
    """Return the stages of an order, each with whether it was reached: sent, accepted, moving, confirmed.

    What was done without steel that moves has no such stage.
    """
    lived = {entry["life"] for entry in command["history"]} | {command["life"]}
    reached = {
        "sent": True,
        "accepted": bool(lived & {"accepted", "issued", "moving", "confirmed"}),
        "moving": bool(lived & {"moving"}),
        "confirmed": "confirmed" in lived,
    }
    if command["action"] in MOVES_NOTHING or (reached["confirmed"] and not reached["moving"]):
        del reached["moving"]
    return list(reached.items())


def passages(told: Sequence[Told]) -> list[Told]:
    """Return the passages under way before those that have ended, the latest first in both."""
    latest = list(reversed(told))
    return [one for one in latest if not one["ended"]] + [one for one in latest if one["ended"]]


def stays_open(passage: Told) -> bool:
    """Tell whether the way of a passage is open, or may be, so that ending it leaves it so."""
    stages = {point["stage"] for point in passage["points"]}
    return not passage["ended"] and bool(stages & {"opening", "open", "occupied", "cleared", "securing", "held"})
