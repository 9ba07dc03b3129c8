"""An order on its way to its end: what its events mean to the person who gave it, and with which code the command ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from controller.cli import words
from controller.cli.exits import Exit
from controller.cli.sse import ServerEvent

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
            case "device" if data["id"] in self._devices and self._moves(data["id"], data["state"]):
                self._say(f"{data['id']} {data['state']} …")
            case "command" if data["id"] == self.command["id"]:
                self.command = data
            case "command" if data["id"] in self.command["members"]:
                self._take_part(data)
        # An event counts once it was taken in whole; the hello of a resumed stream has no id of its own.
        self.last_id = event.id or self.last_id
        return self.ended

    def report(self) -> Exit:
        """Tell how it ended and return the code for it; an order that still goes on was accepted, no more."""
        if not self.ended:
            self._say(f"order {self.command['id']} {self.command['life']}")
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
        self._parts[part["id"]] = part
        if part["ended"] and not (known and known["ended"]):
            self._outcome(part)

    def catch_up(self) -> None:
        """Ask how far it is: events were lost on the way. Raises Failure."""
        for member in self.command["members"]:
            self._take_part(self._get(f"commands/{member}"))
        self.command = self._get(f"commands/{self.command['id']}")

    def _moves(self, device: str, state: str) -> bool:
        """Tell whether this is the motion that was asked for; any other is that of an order which came instead."""
        action, part = self.command["action"], self._parts.get(f"{self.command['id']}:{device}")
        if action == "stop" or state not in words.MOVING_STATES or (part and part["ended"]):
            return False
        goal = words.GOALS.get(action)
        if goal is None:
            raises = self._get(f"devices/{device}")["secures_by"] == "raise"
            goal = "raised" if raises is (action == "secure") else "lowered"
        return bool(state == words.MOTIONS[goal])

    def _outcome(self, command: dict[str, Any]) -> Exit:
        """Tell how one order ended."""
        name, part = command["target"], command is not self.command
        if command["life"] == "confirmed":
            self._say(self._confirmed(command))
            return Exit.DONE
        if command["life"] == "refused":
            if part or not self._parts:
                prefix = f"{name}: " if part else ""
                self._complain(*(prefix + line for line in words.refusals(command)))
            return Exit.REFUSED
        self._complain(f"{name}: {command['action']} {words.outcome(command)}")
        return Exit.NOT_DONE

    def _confirmed(self, command: dict[str, Any]) -> str:
        """Say what the equipment shows now; an order of the past may have been confirmed long ago."""
        name, action = command["target"], command["action"]
        if command["members"]:
            return f"{name} {words.DONE[action]} ({_took_s(command):.1f} s)"
        device = self._get(f"devices/{name}")
        if _shows(action, device):
            return f"{name} {device['state']} ({_took_s(command):.1f} s)"
        return f"{name}: {action} was confirmed at {command['history'][-1]['at']}; it is {device['state']} now"

    def _device_of(self, member: str) -> str:
        return member.removeprefix(f"{self.command['id']}:")

    def _say(self, line: str) -> None:
        if not self._quiet:
            print(line, flush=True)

    def _complain(self, *lines: str) -> None:
        if not self._quiet:
            print(*lines, sep="\n", file=sys.stderr, flush=True)


def _took_s(command: dict[str, Any]) -> float:
    """Return how long the order took, as it is recorded."""
    first, last = (datetime.fromisoformat(command["history"][i]["at"]) for i in (0, -1))
    return max(0.0, (last - first).total_seconds())


def _shows(action: str, device: dict[str, Any]) -> bool:
    """Tell whether the device shows what `action` is for."""
    if action in ("secure", "open"):
        at_rest = device["state"] in ("raised", "lowered")
        return bool(at_rest and device["secured"] is (action == "secure"))
    return bool(device["state"] == words.GOALS[action]) or action == "stop"
