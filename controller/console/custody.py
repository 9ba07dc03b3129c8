"""What people hold over devices: who has locked out what, who tests it, which emergency is latched. Values in, values out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from controller.console.shown import is_mover
from controller.core.modes import SUPERVISING
from controller.core.people import same

Told = Mapping[str, Any]
Began = Mapping[str, str]
"""Since when each thing is held over a device (RFC 3339), by its key."""

RECORDS = 50
"""How many of the last records of what is held over a device are looked at for when it began."""

ACTS = ("lock-out", "lift", "test", "end-test", "release")


@dataclass(frozen=True, slots=True)
class Hold:
    """One thing that is held: `kind` is tag, efo or test; `since` is empty where the journal has not told."""

    kind: str
    who: str
    since: str = ""
    why: str = ""
    role: str = ""
    asked_by: str = ""
    """Of a tag: the first of two others who wants it lifted."""


@dataclass(frozen=True, slots=True)
class Held:
    """A mover, everything that is held over it, what one person waits for a second one to ask too, and what somebody may do."""

    device: Told
    holds: list[Hold] = field(default_factory=list)
    wishes: list[Told] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)
    mine: bool = False
    """Whether one of the lock-outs is of who looks."""


def keys(held: Told) -> dict[str, str]:
    """Return the key of each thing that is held, with its kind."""
    found = {f"tag {tag['tag']}": "tag" for tag in held["tags"]}
    if held["efo"]:
        found[f"efo {held['efo']['order']}"] = "efo"
    if held["test"]:
        found[f"test {held['test']}"] = "test"
    return found


def began(records: Sequence[Told], held: Told) -> dict[str, str]:
    """Return since when each thing is held, from the last records of what was held over the device, oldest first.

    What is older than the records, or not among them yet, is left out.
    """
    found: dict[str, str] = {}
    for key in keys(held):
        at = ""
        for record in reversed(records):
            holds = record["body"].get("holds") or {}
            if key in keys({"tags": (), "efo": None, "test": "", **holds}):
                at = record["at"]
            elif holds.get("known", True):
                break
        else:
            at = at if len(records) < RECORDS else ""
        if at:
            found[key] = at
    return found


def held(
    devices: Mapping[str, Told], since: Mapping[str, Began], user: str, role: str, may: frozenset[str]
) -> list[Held]:
    """Return every mover with what is held over it, those first over which anything is, and what `user` may do about it."""
    rows = [_held(device, since.get(name, {}), user, role, may) for name, device in devices.items() if is_mover(device)]
    return sorted(rows, key=lambda row: not (row.holds or row.device["mode"] != "remote"))


def within(rows: Sequence[Held], of: str) -> list[Held]:
    """Return the rows of a device or a zone; all of them where it is neither."""
    return [row for row in rows if of in (row.device["id"], row.device["zone"])] or list(rows)


def _held(device: Told, since: Began, user: str, role: str, may: frozenset[str]) -> Held:
    hold, mine = device["held"], any(same(tag["owner"], user) for tag in device["held"]["tags"])
    possible = {
        "lock-out": not mine,
        "lift": bool(hold["tags"]),
        "test": device["mode"] == "remote",
        "end-test": bool(hold["test"]) and (same(hold["test"], user) or role in SUPERVISING),
        "release": bool(hold["efo"]),
    }
    acts = [act for act in ACTS if possible[act] and act in may]
    return Held(device, list(_holds(hold, since)), list(device.get("wishes", ())), acts, mine)


def _holds(hold: Told, since: Began) -> Iterator[Hold]:
    for tag in hold["tags"]:
        at = since.get(f"tag {tag['tag']}", "")
        yield Hold("tag", tag["owner"], at, tag["why"], asked_by=tag["asked_by"])
    if efo := hold["efo"]:
        yield Hold("efo", efo["by"], since.get(f"efo {efo['order']}", ""), role=efo["role"])
    if hold["test"]:
        yield Hold("test", hold["test"], since.get(f"test {hold['test']}", ""))
