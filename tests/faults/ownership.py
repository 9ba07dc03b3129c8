"""The invariants about whose a motion is: one order, which lives, is on the disk, and is used once."""

from __future__ import annotations

from controller.core.spec import Action
from tests.faults.invariants import Broken, Invariant
from tests.faults.knowledge import Knowledge
from tests.faults.observed import Asked
from tests.faults.wires import Frame

HOLD_S = 1.0
"""How long an order whose button is held lives on after it was last said to be (R24)."""
LATE_S = 10.0
"""A frame this soon after an order's expiry is told as a late one of it."""


class OwnedMotion(Invariant):
    """(a), (b), (f) and (g): every frame that orders a motion belongs to one order, which lives, is durable and is used once."""

    letter, says = "f", "no motion without a live accepted command"

    def __init__(self, known: Knowledge, broken: list[Broken]) -> None:
        super().__init__(known, broken)
        self.used: set[str] = set()
        self.returned: set[str] = set()
        self.counts = {"a": 0, "b": 0, "f": 0, "g": 0}

    def starts(self, mover: str, action: Action, frame: Frame) -> None:
        for letter in self.counts:
            self.counts[letter] += 1
        now = self.bench.now
        asked = [a for a in self.known.asked_for[mover] if a.action is action]
        live = [a for a in asked if now < a.expires]
        unused = [a for a in live if a.id not in self.used]
        # An emergency does not wait for the disk.
        durable = [a for a in unused if a.emergency or self.bench.recorded(a.id)]
        accepted = [a for a in durable if self.bench.service.accepted(a.id)]
        if not accepted and self._returns(mover, action):
            return
        if not accepted:
            self._breaks(*self._why(asked, live, unused, durable), mover, action)
        chosen = next((candidates[-1] for candidates in (accepted, durable, unused, live) if candidates), None)
        self.known.owner[mover] = chosen
        self.known.returning.discard(mover)
        if chosen is not None:
            self.used.add(chosen.id)

    def _returns(self, mover: str, action: Action) -> bool:
        """Tell whether this takes steel back from what is in its way: once for one order, which still lives (R10)."""
        last, spec = self.known.owner.get(mover), self.known.movers[mover]
        if last is None or (action, last.action) != (spec.opens, spec.secures) or not self.known.met(mover):
            return False
        # A newer order to secure takes over the motion of an older one without a frame of its own.
        securing = [a for a in self.known.asked_for[mover] if a.action is spec.secures and a.id not in self.returned]
        order = next((a for a in reversed(securing) if self.bench.service.accepted(a.id)), None)
        if order is None:
            return False
        self.returned.add(order.id)
        self.known.returning.add(mover)
        return True

    def _why(self, asked: list[Asked], live: list[Asked], unused: list[Asked], durable: list[Asked]) -> tuple[str, str]:
        """Name the invariant that a frame without an order of its own breaks."""
        if durable:
            return "f", f"{durable[-1].id} was not accepted or has ended"
        if unused:
            return "g", f"{unused[-1].id} is not in the journal"
        if live:
            return "b", f"it was sent for {live[-1].id} before"
        late = [a for a in asked if self.bench.now < a.expires + LATE_S]
        return ("a", f"{late[-1].id} has expired") if late else ("f", "nobody has ordered it")

    def _breaks(self, letter: str, why: str, mover: str, action: Action) -> None:
        self._broken.append(Broken(self.bench.now, letter, mover, f"{action} sent, and {why}"))


class Released(Invariant):
    """(f) in the world: no output of a motion stays on when the order that switched it on has ended, while the wire is well."""

    letter, says = "f", "no motion without a live accepted command"
    RELEASE_S = 3.5
    """A release that failed is written again after half a second; what is on longer than this is forgotten."""

    def __init__(self, known: Knowledge, broken: list[Broken]) -> None:
        super().__init__(known, broken)
        self._on_since: dict[str, float] = {}

    def stepped(self, now: float) -> None:
        alive = self.bench.service.alive
        for name in self.known.movers:
            on = alive and any(self.known.output_on(name, action) for action in (Action.RAISE, Action.LOWER))
            if not on or self._ordered(name) or self.known.disturbed(name, self.RELEASE_S):
                self._on_since.pop(name, None)
                continue
            self.tried += name not in self._on_since
            if now - self._on_since.setdefault(name, now) > self.RELEASE_S:
                self.breaks(name, f"an output of it has been on for {self.RELEASE_S:g} s, and no order lives")
                self._on_since[name] = now + 1e9

    def _ordered(self, mover: str) -> bool:
        live, now = self._live(), self.bench.now
        asked = [a for a in self.known.asked_for[mover] if a.id in live]
        # Whose button is not held any more has ordered nothing, unless the steel is being taken back.
        return any(
            mover in self.known.returning or not a.hold or now < self.known.renewed.get(a.id, a.at) + HOLD_S
            for a in asked
        )

    def _live(self) -> set[str]:
        return {command.request.id for command in self.bench.service.supervisor.ledger.live()}
