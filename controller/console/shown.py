"""What a page says of a device, an alarm and a line: which word, how it is coloured, and what it means. Values in, values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

Told = Mapping[str, Any]

BAD_STATES = frozenset({"unknown", "offline", "fault", "dark", "doubtful", "failure"})
MOVING = frozenset({"raising", "lowering"})
THREATS = frozenset({"overspeed", "wrong-way"})
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


def perimeter(site: Told, devices: Mapping[str, Told]) -> dict[str, Any]:
    """Answer whether the perimeter is closed: `answer` is closed, open or unknown; `lines` are the zones that say so.

    `doubtful` are those besides of which nothing is known.
    """
    answer = {True: "closed", False: "open", None: "unknown"}
    lines = [line(zone, devices) for zone in site["zones"]]
    lines = [one for one in lines if one["movers"]]
    state = answer[site["secured"]] if lines else "unknown"
    said = [one for one in lines if one["state"] == state]
    doubtful = [one for one in lines if one["state"] == "unknown" and state != "unknown"]
    return {"answer": state, "lines": said, "doubtful": doubtful, "all": lines}


def line(zone: Told, devices: Mapping[str, Told]) -> dict[str, Any]:
    """Show a zone as a line: closed, open or not known, with its movers."""
    movers = [devices[name] for name in zone["devices"] if name in devices and is_mover(devices[name])]
    state = {True: "closed", False: "open", None: "unknown"}[zone["secured"]]
    locked = [mover for mover in movers if mover["held"]["efo"] is not None]
    return {
        "id": zone["id"], "title": zone["title"], "state": state, "movers": movers,
        "locked_down": bool(locked), "wholly": len(locked) == len(movers),
    }  # fmt: skip


def wishes(devices: Mapping[str, Told]) -> list[dict[str, Any]]:
    """Return what people have asked for that takes a second one, each with its device."""
    return [{**wish, "device": device} for device in devices.values() for wish in device.get("wishes", ())]


def noted(command: Told) -> bool:
    """Tell whether an order was taken down as the wish of the first of two people, and is refused for nothing else."""
    return {refusal["rule"] for refusal in command["refusals"]} == {"two-persons"}


def loud(alarms: Sequence[Told]) -> list[Told]:
    """Return the alarms that are annunciated, the most urgent first, those that nobody has seen before the others."""
    unseen = ("unacknowledged", "returned-unacknowledged")
    return sorted(alarms, key=lambda one: (one["state"] not in unseen, one["priority"]))


def age_s(label: str | None, now: datetime) -> float:
    """Return how many seconds ago an instant (RFC 3339) was."""
    return (now - datetime.fromisoformat(label)).total_seconds() if label else 0.0


def stages(command: Told) -> list[tuple[str, bool]]:
    """Return the stages of an order, each with whether it was reached: sent, accepted, moving, confirmed."""
    lived = {entry["life"] for entry in command["history"]} | {command["life"]}
    reached = {
        "sent": True,
        "accepted": bool(lived & {"accepted", "issued", "moving", "confirmed"}),
        "moving": bool(lived & {"moving"}),
        "confirmed": "confirmed" in lived,
    }
    return list(reached.items())


def passages(told: Sequence[Told]) -> list[Told]:
    """Return the passages under way before those that have ended, the latest first in both."""
    latest = list(reversed(told))
    return [one for one in latest if not one["ended"]] + [one for one in latest if one["ended"]]


def stays_open(passage: Told) -> bool:
    """Tell whether the way of a passage is open, or may be, so that ending it leaves it so."""
    stages = {point["stage"] for point in passage["points"]}
    return not passage["ended"] and bool(stages & {"opening", "open", "occupied", "cleared", "securing", "held"})
