"""One device of a running controller, as the technician's tools see it: asked and ordered over the API like by anybody else.

Everything that moves steel is held (R24): it lasts while this process says so, and what this process fails to say ends it. So a
closed terminal, a lost wire or a killed process leaves outputs released, within a second and without anything being done here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from controller.cli.client import Client
from controller.cli.exits import Exit, Failure
from controller.cli.hold import EVERY_S, Button
from controller.core.people import same
from controller.ids import uuid7

LOOK_S = 0.05
"""How often a device that is being driven is looked at."""

END_S = 4.0
"""How long the end of an order is waited for once its button was let go: a release may wait for the wire (2 s)."""

WAITS_S = 20.0
"""How long an order to move may wait for its warning and for halt."""

CLEAR_S = 5.0
"""How long what forbids a motion may take to pass: a loop has to be clear for a second (R09)."""

Change = tuple[float, str, Any]
"""Seconds since the first look, a signal, and its level from then on."""


@dataclass(slots=True)
class Driven:
    """What became of an order that was held: the command as it ended, and how the device's inputs changed meanwhile."""

    command: Mapping[str, Any]
    changes: list[Change] = field(default_factory=list)

    @property
    def life(self) -> str:
        """Return how it ended."""
        return str(self.command["life"])

    @property
    def refusals(self) -> list[Mapping[str, Any]]:
        """Return why it was refused; none where it was not."""
        return list(self.command["refusals"])

    @property
    def why(self) -> str:
        """Return in words how it ended."""
        told = "; ".join(f"{one['rule']} {one['device']}: {one['because']}" for one in self.refusals)
        return told or str(self.command["because"]) or self.life

    def seconds(self, first: str, last: str) -> float | None:
        """Return the time between two steps of its life as the controller stamped them; None where one is missing."""
        at = {step["life"]: datetime.fromisoformat(step["at"]) for step in reversed(self.command["history"])}
        return (at[last] - at[first]).total_seconds() if first in at and last in at else None


class Desk:
    """Gives orders to one device in one person's name."""

    def __init__(self, controller: Client, device: str, by: str) -> None:
        self.controller, self.device, self.by = controller, device, by

    def shown(self, device: str = "") -> dict[str, Any]:
        """Return the device, or another one, as it is now. Raises Failure."""
        return dict(self.controller.get(f"devices/{device or self.device}"))

    def wired(self) -> list[tuple[Mapping[str, Any], Mapping[str, Any], str]]:
        """Return the unit, the point and the signal at each end of a wire of the device. Raises Failure."""
        head = f"{self.device}."
        return [
            (unit, point, signal.removeprefix(head))
            for unit in self.controller.get("units")
            for point in unit["points"]
            for signal in point["signals"]
            if signal.startswith(head)
        ]

    def command(self, order: str) -> dict[str, Any]:
        """Return an order as it is now. Raises Failure."""
        return dict(self.controller.get(f"commands/{order}"))

    def order(self, action: str, reason: str = "", **more: Any) -> dict[str, Any]:
        """Give an order that moves nothing by itself, or that stops; return its command. Raises Failure."""
        body = {"id": uuid7(time.time_ns() // 1_000_000), "target": self.device, "action": action, "by": self.by}
        return dict(self.controller.give({**body, **({"reason": reason} if reason else {}), **more}))

    def drive(
        self,
        action: str,
        within_s: float,
        *,
        until: Callable[[Mapping[str, Any]], bool] = lambda _: False,
        seen: Callable[[Change], None] = lambda _: None,
        look: Callable[[], None] = lambda: None,
        **more: Any,
    ) -> Driven:
        """Give an order that lasts while it is held, and hold it to its end, for `within_s`, or `until` the device shows so.

        Whatever interrupts this lets go of the button and waits for the end before it goes on. Raises Failure.
        """
        name = uuid7(time.time_ns() // 1_000_000)
        body = {"id": name, "target": self.device, "action": action, "by": self.by, "hold": True, **more}
        before = self.shown()
        with Button(self.controller.door, name) as button:
            try:
                command = dict(self.controller.give(body))
                driven = Driven(command)
                if not command["ended"]:
                    button.begin()
                    self._held(button, driven, _Picture(before, driven.changes, seen, look), within_s, until)
            finally:
                # Said even where the order's answer was lost: it may be under way.
                button.let_go()
        driven.command = self.ended(name, END_S)
        return driven

    def _held(
        self,
        button: Button,
        driven: Driven,
        picture: _Picture,
        within_s: float,
        until: Callable[[Mapping[str, Any]], bool],
    ) -> None:
        ends, press_at = time.monotonic() + within_s, 0.0
        while time.monotonic() < ends:
            if time.monotonic() >= press_at:
                press_at = time.monotonic() + EVERY_S
                button.press()
            shown = self.shown()
            picture.look(shown)
            if until(shown) or self.command(str(driven.command["id"]))["ended"]:
                return
            time.sleep(max(0.0, min(LOOK_S, ends - time.monotonic())))

    def travel(
        self,
        action: str,
        spec: Mapping[str, Any],
        seen: Callable[[Change], None] = lambda _: None,
        look: Callable[[], None] = lambda: None,
    ) -> Driven:
        """Have it moved to its end, held where its drive can be stopped, once nothing forbids it any more. Raises Failure."""
        most_s = float(spec["travel_s"]) + WAITS_S
        self.wait(lambda shown: not forbidden(shown, action), CLEAR_S)
        self.mine()
        if spec["stoppable"]:
            return self.drive(action, most_s, seen=seen, look=look, expires_in_s=WAITS_S)
        before = self.shown()
        driven = Driven(self.order(action, expires_in_s=WAITS_S))
        picture = _Picture(before, driven.changes, seen, look)
        for shown in self.watched(self.shown, most_s):
            picture.look(shown)
            if self.command(str(driven.command["id"]))["ended"]:
                break
        driven.command = self.ended(str(driven.command["id"]), END_S)
        return driven

    def fire(self, reason: str) -> str:
        """Fire the emergency of the device; return the order's id. Raises Failure."""
        return str(self.order("lockdown", reason, expires_in_s=30.0)["id"])

    def mine(self) -> dict[str, Any]:
        """Return the device, still held in test by this person. Raises Failure where it is not: an emergency ends a test."""
        shown = self.shown()
        if not same(shown["held"]["test"], self.by) or shown["held"]["efo"] is not None:
            efo = shown["held"]["efo"]
            why = f"an emergency was fired by {efo['by']}" if efo else f"it is in {shown['mode']}"
            raise Failure(
                Exit.NOT_DONE, f"{self.device} is no longer in test, held by {self.by}: {why}; nothing more is done"
            )
        return shown

    def take(self) -> dict[str, Any]:
        """Take the device for a test; return the command. Raises Failure."""
        return self.order("test", "acceptance test")

    def ended(self, order: str, within_s: float) -> dict[str, Any]:
        """Return an order once it has ended. Raises Failure where that is not told."""
        for command in self.watched(lambda: self.command(order), within_s):
            if command["ended"]:
                return command
        raise Failure(
            Exit.NOT_DONE,
            f"the button was let go, and the controller does not tell that the order {order} has ended;\n"
            "do NOT rely on that: use the emergency stop at the equipment",
        )

    @staticmethod
    def watched(look: Callable[[], dict[str, Any]], within_s: float) -> Iterator[dict[str, Any]]:
        """Yield what `look` returns again and again, for `within_s`."""
        ends = time.monotonic() + within_s
        while True:
            yield look()
            if time.monotonic() >= ends:
                return
            time.sleep(LOOK_S)

    def wait(self, so: Callable[[Mapping[str, Any]], bool], within_s: float, device: str = "") -> dict[str, Any] | None:
        """Return the device, or another one, as soon as it is `so`; None where it is not within the time. Raises Failure."""
        return next((shown for shown in self.watched(lambda: self.shown(device), within_s) if so(shown)), None)

    def at_rest(self, within_s: float = 5.0) -> dict[str, Any] | None:
        """Return the device once its position is known again; None where that takes longer. Raises Failure."""
        return self.wait(lambda shown: shown["state"] in ("raised", "lowered", "fault"), within_s)


def forbidden(shown: Mapping[str, Any], action: str) -> list[Mapping[str, Any]]:
    """Return what forbids an action of a device that is in test, but that it is in test."""
    return [one for one in shown["interlocks"] if one["action"] == action and one["rule"] != "test"]


class _Picture:
    """The inputs of a device, and how they change from look to look."""

    def __init__(
        self,
        before: Mapping[str, Any],
        changes: list[Change],
        seen: Callable[[Change], None],
        beside: Callable[[], None] = lambda: None,
    ) -> None:
        """`seen` hears of each change, `beside` is called with each look: for whoever looks at something else meanwhile."""
        self._levels = _levels(before)
        self._beside = beside
        self._changes, self._seen = changes, seen
        self._since = time.monotonic()

    def look(self, shown: Mapping[str, Any]) -> None:
        self._beside()
        for name, level in _levels(shown).items():
            if level != self._levels.get(name):
                change = (round(time.monotonic() - self._since, 2), name, level)
                self._changes.append(change)
                self._seen(change)
        self._levels = _levels(shown)


def _levels(shown: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one["value"] for name, one in shown["points"].items()}
