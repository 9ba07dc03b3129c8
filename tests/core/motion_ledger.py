"""What is known of a mover without asking it: its readings off the wire, what people hold over it, the clock of its motion.

Each is kept from what happened alone, by rules that are written down here a second time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from controller.core.command import Order, Switch
from controller.core.device import Event, Lost, Restored, Sampled
from controller.core.readings import Quality
from controller.core.spec import MoverSpec

HOUR_S = 3600.0
MINUTE_S = 60.0
LOOPS = ("entry", "exit")
CALM = {
    **{name: {"detect": False, "fault": False} for name in LOOPS},
    "beacon": {"lamp": True},
    "signal": {"halt_lamp": True, "go_lamp": False},
    "crossing": {"flashing": False, "dark": False, "failure": False},
}
"""What the inputs of every neighbour say when nothing forbids a motion."""


@dataclass
class Wires:
    """The readings of the mover's inputs and the units that do not answer; `epoch` counts the losses."""

    spec: MoverSpec
    down: set[str]
    told: dict[str, tuple[bool | None, float]] = field(default_factory=dict)
    epoch: int = 0

    def learn(self, event: Event, now: float) -> None:
        if isinstance(event, Sampled):
            for name, reading in event.readings.items():
                if reading.taken >= self.told.get(name, (None, reading.taken))[1]:
                    trusted = reading.quality is Quality.GOOD and reading.value is not None
                    self.told[name] = (bool(reading.value) if trusted else None, reading.taken)
        elif isinstance(event, Lost) or (isinstance(event, Restored) and event.unit not in self.down):
            self.told = dict.fromkeys(self.spec.inputs, (None, now))
            self.epoch += 1
        if isinstance(event, Lost):
            self.down.add(event.unit)
        elif isinstance(event, Restored):
            self.down.discard(event.unit)

    def says(self, signal: str, now: float) -> bool | None:
        """Read an input; one that the mover does not have is never active."""
        if signal not in self.spec.inputs:
            return False
        value, taken = self.told.get(signal, (None, now))
        return value if now < taken + self.spec.inputs[signal] else None

    def read_since(self, since: float) -> bool:
        """Tell whether every limit switch was last read at `since` or later."""
        return all(self.told[name][1] >= since for name in (*self.spec.tops, *self.spec.bottoms))

    def place(self, now: float) -> str:
        """Say where the limit switches put the steel."""
        members = [
            (self.says(top, now), self.says(bottom, now))
            for top, bottom in zip(self.spec.tops, self.spec.bottoms, strict=True)
        ]
        if self.down or any(None in member for member in members):
            return "unseen"
        if (True, True) in members:
            return "both"
        if set(members) == {(True, False)}:
            return "top"
        return "bottom" if set(members) == {(False, True)} else "between"


@dataclass
class Ledger:
    """Who holds what over the mover: the lock-outs by number, the role that fired, the person who tests; "" for nobody.

    `wishes` are by action what one person has asked for that takes two: who, and until when it counts.
    """

    tags: dict[str, tuple[str, str]] = field(default_factory=dict)
    fired: str = ""
    tester: str = ""
    wishes: dict[str, tuple[str, float]] = field(default_factory=dict)

    def alive(self, now: float) -> dict[str, tuple[str, float]]:
        """Return the wishes that still count."""
        self.wishes = {action: wish for action, wish in self.wishes.items() if now < wish[1]}
        return self.wishes

    def second(self, order: Order, now: float) -> bool:
        """Tell whether somebody else has asked for it, whose wish is then fulfilled; else this is the first to."""
        first = self.alive(now).setdefault(str(order.action), (order.who, now + MINUTE_S))
        return first[0] != order.who and self.wishes.pop(str(order.action)) is first

    def takes(self, order: Order, now: float, *, free: bool) -> bool:
        """Write down a switch that is given in time, and tell whether it is accepted; `free` is a key switch in remote."""
        tags = set(self.tags)
        others = bool(self.tags) and all(owner != order.who for owner, _ in self.tags.values())
        if order.person and (others if order.action is Switch.LIFT else order.action is Switch.RELEASE and self.fired):
            accepted = self.second(order, now) and self._for_two(order, now)
        else:
            accepted = self._for_one(order, free=free)
        gone = ["lift"] if set(self.tags) != tags else []
        gone += [] if self.fired else ["release", "raise", "lower"]
        self.wishes = {action: wish for action, wish in self.wishes.items() if action not in gone}
        return accepted

    def _for_two(self, order: Order, now: float) -> bool:
        if order.action is Switch.LIFT:
            self.tags = {}
        elif order.role == self.fired:
            return self.second(order, now)
        else:
            self.fired = ""
        return True

    def _for_one(self, order: Order, *, free: bool) -> bool:
        mine = order.who == self.tester
        match order.action:
            case Switch.LOCK_OUT if order.reason:
                self.tags[order.id] = (order.who, "")
            case Switch.LIFT:
                return self._lifted(order.who)
            case Switch.TEST if mine or (free and not (self.tags or self.fired or self.tester)):
                self.tester = order.who
            case Switch.END_TEST if mine or not self.tester or order.role != "operator":
                self.tester = ""
            case Switch.RELEASE if order.role != self.fired:
                self.fired = ""
            case _:
                return False
        return True

    def _lifted(self, who: str) -> bool:
        """Take off one's own lock-outs; another's takes two who are not its owner."""
        if any(owner == who for owner, _ in self.tags.values()):
            self.tags = {tag: held for tag, held in self.tags.items() if held[0] != who}
            return True
        if any(asked == who for _, asked in self.tags.values()):
            return False
        self.tags = {tag: (owner, who) for tag, (owner, asked) in self.tags.items() if not asked}
        return True

    def fires(self, order: Order) -> None:
        """Write down an emergency: the first to fire stays named, and a test is over."""
        self.wishes = {}
        self.fired, self.tester = self.fired or order.role, ""


@dataclass
class Trip:
    """The motion under way, or the last one: whether it began at the other end, and since when its outputs are known to be on.

    `drive` is the number of the write that switches them on.
    """

    whole: bool = False
    drive: int = 0
    acked_at: float | None = None

    def took(self, now: float) -> float:
        return 0.0 if self.acked_at is None else now - self.acked_at


@dataclass
class Wear:
    """When it was secured, and how often in a row it was taken back instead."""

    secured: list[float] = field(default_factory=list)
    returns: int = 0

    def in_the_last_hour(self, now: float) -> int:
        return sum(at > now - HOUR_S for at in self.secured)
