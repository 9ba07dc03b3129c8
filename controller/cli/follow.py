"""An order on its way to its end: what its events mean to the person who gave it, and with which code the command ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

from controller.cli import words
from controller.cli.exits import Exit, Failure
from controller.cli.sse import ServerEvent
from controller.core.people import same

Get = Callable[[str], Any]
"""Asks the controller for one thing of its API."""


class Followed(Protocol):
    """What is followed over the event stream to its end; `what` names it."""

    last_id: str

    @property
    def what(self) -> str:
        """Return what it is, with its id."""
        ...

    @property
    def ended(self) -> bool:
        """Tell whether there is nothing more to wait for."""
        ...

    def take(self, event: ServerEvent) -> bool:
        """Take in what happened; tell whether it has ended."""
        ...

    def catch_up(self) -> None:
        """Ask how far it is: events were lost on the way."""
        ...


class Follower:
    """Follows one order, and those of its members where it is for a zone; tells as they go on unless `quiet`."""

    def __init__(self, command: dict[str, Any], get: Get, *, quiet: bool = False) -> None:
        self.command = command
        self._get, self._quiet = get, quiet
        self._parts: dict[str, dict[str, Any]] = {}
        self.last_id = ""
        self._waits: set[str] = set()
        self._noted: set[str] = set()
        self._devices = {self._device_of(member) for member in command["members"]} or {command["target"]}

    @property
    def what(self) -> str:
        """Return what it is, with its id."""
        return f"order {self.command['id']}"

    @property
    def ended(self) -> bool:
        """Tell whether nothing more can come of the order."""
        return bool(self.command["ended"])

    def take(self, event: ServerEvent) -> bool:
        """Take in what happened; tell whether the order has ended. Raises Failure where the controller cannot be asked."""
        data = event.data
        match event.kind:
            case "reset":
                self.catch_up()
            case "device" if data["id"] in self._devices and data["state"] in words.MOVING_STATES:
                self._take_motion(data)
            case "command" if data["id"] == self.command["id"] and _is_news(data, self.command):
                self.command = data
            case "command" if data["id"] in self.command["members"]:
                self._take_part(data)
        # An event counts once it was taken in whole; the hello of a resumed stream has no id of its own.
        self.last_id = event.id or self.last_id
        return self.ended

    def report(self) -> Exit:
        """Tell how it ended and return the code for it; an order that still goes on was accepted, no more."""
        if not self.ended:
            self.say(f"order {self.command['id']} {self.command['life']}")
            return Exit.DONE
        for member in self.command["members"]:
            if member not in self._parts:
                self._take_part(self._get(f"commands/{member}"))
        return self._outcome(self.command)

    def told(self) -> dict[str, Any]:
        """Return the order, and those of its members as its `parts`."""
        return {**self.command, "parts": list(self._parts.values())} if self._parts else self.command

    def _take_part(self, part: dict[str, Any]) -> None:
        known = self._parts.get(part["id"])
        if known and not _is_news(part, known):
            return
        self._parts[part["id"]] = part
        if part["ended"] and not (known and known["ended"]):
            self._outcome(part)

    def catch_up(self) -> None:
        """Ask how far it is: events were lost on the way. Raises Failure."""
        for member in self.command["members"]:
            self._take_part(self._get(f"commands/{member}"))
        self.command = self._get(f"commands/{self.command['id']}")

    def look(self) -> None:
        """Tell what the order waits for, once for each device, where the controller can be asked."""
        if self.command["action"] == "stop":
            return
        ours, devices = (self.command["id"], *self.command["members"]), []
        with suppress(Failure):
            devices = self._get("devices")
        for device in devices:
            name = device["id"]
            if device["waiting"] and device["order"] in ours and name not in self._waits:
                self._waits.add(name)
                self.say(f"{name} waits for {device['waiting']} …")

    def _take_motion(self, told: dict[str, Any]) -> None:
        """Tell of the motion that was asked for, and of one that takes the steel back; any other is another order's."""
        device, state = told["id"], told["state"]
        action, part = self.command["action"], self._parts.get(f"{self.command['id']}:{device}")
        if action == "stop" or action in words.SWITCHES or (part and part["ended"]):
            return
        if state == words.MOTIONS[self._goal(device)]:
            self.say(f"{device} {state} …")
        elif self._get(f"devices/{device}")["order"] == (
            f"{self.command['id']}:{device}" if self.command["members"] else self.command["id"]
        ):
            self.say(f"{device} {state}: taken back, {told['why']} …")

    def _goal(self, device: str) -> str:
        action = self.command["action"]
        if action in words.GOALS:
            return words.GOALS[action]
        raises = self._get(f"devices/{device}")["secures_by"] == "raise"
        return "raised" if raises is (action in words.SECURING) else "lowered"

    def _outcome(self, command: dict[str, Any]) -> Exit:
        """Tell how one order ended."""
        name, part = command["target"], command is not self.command
        if command["life"] == "confirmed":
            if command["action"] == "lift" and self._noted_only(command):
                return Exit.NOTED
            self.say(self._confirmed(command))
            return Exit.DONE
        if command["life"] == "refused":
            if part or not self._parts:
                prefix = f"{name}: " if part else ""
                self.complain(*(prefix + line for line in words.refusals(command)))
            return Exit.REFUSED
        self.complain(f"{name}: {command['action']} {words.outcome(command)}")
        return Exit.NOT_DONE

    def _noted_only(self, command: dict[str, Any]) -> bool:
        """Tell whether a lock-out waits for a second person to lift it too, and say so."""
        name = command["target"]
        if command["members"]:
            if self._noted:
                self.complain(f"{name}: NOT lifted yet at {', '.join(sorted(self._noted))}")
            return bool(self._noted)
        tags = self._get(f"devices/{name}")["held"]["tags"]
        if not any(same(tag["asked_by"], command["by"]) for tag in tags):
            return False
        self._noted.add(name)
        self.complain(f"{name}: {command['because']}")
        return True

    def _confirmed(self, command: dict[str, Any]) -> str:
        """Say what the equipment shows now; an order of the past may have been confirmed long ago."""
        name, action = command["target"], command["action"]
        if command["members"]:
            if command["because"].startswith("nothing to do"):
                return f"{name}: {command['because']}"
            what = words.DONE.get(action)
            return f"{name} {what} ({_took_s(command):.1f} s)" if what else f"{name}: {action} done at every device"
        if action == "re-arm":
            # Its target may be a unit.
            return f"{name}: {command['because']}"
        device = self._get(f"devices/{name}")
        if not _shows(action, device, command):
            what = f"in mode {device['mode']}" if action in words.SWITCHES else device["state"]
            return f"{name}: {action} was confirmed at {command['history'][-1]['at']}; it is {what} now"
        if action in words.SWITCHES:
            return f"{name}: {command['because']}"
        return f"{name} {device['state']} ({_took_s(command):.1f} s)"

    def _device_of(self, member: str) -> str:
        return member.removeprefix(f"{self.command['id']}:")

    def say(self, line: str) -> None:
        """Tell a line, unless quiet."""
        if not self._quiet:
            # In one piece: another thread may have something to say too.
            print(f"{line}\n", end="", flush=True)

    def complain(self, *lines: str) -> None:
        """Tell what went wrong, unless quiet."""
        if not self._quiet:
            print(*lines, sep="\n", file=sys.stderr, flush=True)


def _is_news(told: dict[str, Any], known: dict[str, Any]) -> bool:
    """Tell whether this is no older than what is known of the same order: what was asked for may be ahead of the stream."""
    return len(told["history"]) >= len(known["history"])


def _took_s(command: dict[str, Any]) -> float:
    """Return how long the order took, as it is recorded."""
    first, last = (datetime.fromisoformat(command["history"][i]["at"]) for i in (0, -1))
    return max(0.0, (last - first).total_seconds())


def _shows(action: str, device: dict[str, Any], command: dict[str, Any]) -> bool:
    """Tell whether the device shows what `action` is for."""
    if action in ("open", *words.SECURING):
        at_rest = device["state"] in ("raised", "lowered")
        return bool(at_rest and device["secured"] is (action in words.SECURING))
    if action in words.SWITCHES:
        return _stands(action, device["held"], command)
    return bool(device["state"] == words.GOALS[action]) or action == "stop"


def _stands(action: str, held: dict[str, Any], command: dict[str, Any]) -> bool:
    """Tell whether what the order made of who may move the device is so now: a lock-out of the past protects nobody."""
    match action:
        case "lock-out":
            return any(tag["tag"] == command["id"] for tag in held["tags"])
        case "release":
            return held["efo"] is None
        case "test":
            return same(held["test"], command["by"])
        case "end-test":
            return not held["test"]
    return True
