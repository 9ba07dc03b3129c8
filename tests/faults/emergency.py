"""The invariants about emergencies and warnings: a lockdown reaches whom it can, and what is no emergency is warned of first."""

from __future__ import annotations

from controller.core.command import Switch
from controller.core.spec import Action
from controller.ledger import Request
from controller.orders import LOCKDOWN
from tests.faults.field import STRIDE_S
from tests.faults.invariants import Broken, Invariant
from tests.faults.knowledge import Knowledge
from tests.faults.wires import Frame

SPARE_S = 3.0
"""What a lockdown may take beside its own life and the longest travel: the journal, and a frame that is in flight."""
CALM_S = 2.0
"""How long everything must have been well before a lockdown for it to be due: longer than a loop has to be clear (R09)."""
SHORTEST_S = 1.0
"""A lockdown that lives shorter than this may be over before the journal has answered."""


class Lockdown(Invariant):
    """(j): a lockdown secures every mover that can be reached within its budget, however many others are dead.

    A mover is owed it while it is reachable, healthy, in remote, and nothing is in its way, from a moment before to the end.
    """

    letter, says = "j", "a lockdown reaches every reachable mover within its budget"

    def __init__(self, known: Knowledge, broken: list[Broken]) -> None:
        super().__init__(known, broken)
        self._due: dict[str, tuple[str, float]] = {}
        self._unfit_at: dict[str, float] = dict.fromkeys(known.movers, 0.0)
        self._trips: dict[str, int] = {}
        self._tripped: set[str] = set()

    def asked(self, request: Request) -> None:
        for mover, order in self.known.members(request):
            if request.action in (Action.STOP, *Switch) and not self.known.holds.in_vain(mover, request):
                self._due.pop(mover, None)
            elif request.action == LOCKDOWN and mover not in self._due and request.expires_in_s >= SHORTEST_S:
                self._look(mover)
                if self.bench.now - self._unfit_at[mover] > CALM_S:
                    budget_s = request.expires_in_s + self.known.movers[mover].travel_s + SPARE_S
                    self._due[mover] = order, self.bench.now + budget_s

    def stepped(self, now: float) -> None:
        self._count_trips()
        for mover in self.known.movers:
            self._look(mover)
            if mover in self._due and now >= self._due[mover][1]:
                order, _ = self._due.pop(mover)
                self.tried += 1
                if not self.bench.world.secured(mover):
                    self.breaks(mover, f"lockdown {order} has not secured it, and nothing kept it from that")

    def _look(self, mover: str) -> None:
        if not self._fit(mover):
            self._unfit_at[mover] = self.bench.now
            self._due.pop(mover, None)

    def _fit(self, mover: str) -> bool:
        known, plant = self.known, self.bench.mover(mover)
        loops = known.movers[mover].presence
        return (
            self.bench.service.alive
            and known.holds.free(mover)
            and not (plant.key.local or plant.key.stopped or plant.jammed or plant.by_hand is not None)
            and all(known.honest(name) and not known.disturbed(name, 0.0) for name in (mover, *loops))
            and not any(known.occupied_s(loop) or known.shown_occupied(loop) for loop in loops)
            and not any(unit in self._tripped for name in (mover, *loops) for unit in known.fittings[name].units)
        )

    def _count_trips(self) -> None:
        """Take note of units that may stay closed because their watchdog has expired: until a person arms them anew (R26)."""
        for unit, box in self.bench.boxes.items():
            if box.trips != self._trips.get(unit, 0):
                self._trips[unit] = box.trips
                self._tripped.add(unit)

    def crashed(self) -> None:
        self._due.clear()
        self._tripped.clear()


class Warned(Invariant):
    """(m): the securing motion begins when its beacon has been lit in the world for as long as it has to be (R13, R15)."""

    letter, says = "m", "no securing motion before its beacon was lit for its time"

    def starts(self, mover: str, action: Action, frame: Frame) -> None:
        spec, order = self.known.movers[mover], self.known.owner.get(mover)
        beacon = spec.warning
        if not beacon or action is not spec.secures or (order is not None and order.emergency):
            return
        seen_s = self.known.reaction_s(beacon)
        if self.known.disturbed(beacon, seen_s) or not self.known.honest(beacon):
            return
        self.tried += 1
        now = self.bench.field.clock.now()
        since, until = (self.bench.field.lit[beacon] or [(now, now)])[-1]
        # That it went out may not have been seen yet; that it was lit for long enough must have been.
        if since > now - spec.warning_s + STRIDE_S or until < now - seen_s:
            self.breaks(mover, f"{action} sent, and {beacon} had been lit from {since:.3f} s on until {until:.3f} s")
