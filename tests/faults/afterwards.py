"""The invariants about what is shown, what is recorded, and what is possible again once everything is over."""

from __future__ import annotations

from collections.abc import Sequence

from controller.core.command import Life
from controller.core.device import Device
from controller.core.spec import MoverSpec
from controller.journal import verify
from controller.ports import Record
from simulators.plants.mover import Mover
from simulators.plants.sensors import Loop
from simulators.plants.signal import Signal
from tests.faults.bench import QUIET_TICK_S
from tests.faults.invariants import Broken, Invariant
from tests.faults.knowledge import Knowledge

AT_LIMIT = 0.01


class Honest(Invariant):
    """(h): no state is shown that the world contradicts for longer than the maximum age and one poll, where the wire tells."""

    letter, says = "h", "a state shown is never contradicted by the world for longer than its readings live"

    def __init__(self, known: Knowledge, broken: list[Broken]) -> None:
        super().__init__(known, broken)
        self._since: dict[str, float] = {}

    def stepped(self, now: float) -> None:
        if not self.bench.service.alive:
            self._since.clear()
            return
        for name in self.known.fittings:
            if not self.contradicted(self.bench.device(name)) or not self.known.honest(name):
                self._since.pop(name, None)
                continue
            if name not in self._since:
                self.tried += 1
                self._since[name] = now
            if now - self._since[name] > self.allowed_s(name):
                shown = self.bench.device(name).state
                self.breaks(name, f"it has been shown {shown} for {now - self._since[name]:.2f} s, and is not")
                self._since[name] = now + 1e9

    def allowed_s(self, device: str) -> float:
        """Return how long what is shown of a device may lag behind the world."""
        spec = self.known.spec(device)
        settle_s = spec.settle_s if isinstance(spec, MoverSpec) else 0.1
        return self.known.reaction_s(device) + settle_s + 2 * QUIET_TICK_S

    def contradicted(self, shown: Device) -> bool:
        """Tell whether the world is not as `shown`."""
        plant = self.bench.plant(shown.spec.id)
        match plant:
            case Mover(positions=positions) if shown.state == "raised":
                return any(p < 1 - AT_LIMIT for p in positions)
            case Mover(positions=positions) if shown.state == "lowered":
                return any(p > AT_LIMIT for p in positions)
            case Loop() if shown.state in ("clear", "occupied"):
                blind = plant.broken or plant.shorted or not plant.power
                return blind or plant.occupied != (shown.state == "occupied")
            case Signal(lit=lit) if shown.state in ("halt", "go"):
                return lit != {"halt": shown.state == "halt", "go": shown.state == "go"}
        return False


class Commandable(Invariant):
    """(i): once everything is over each mover can be moved again, without a restart."""

    letter, says = "i", "after all faults clear the site is commandable again without a restart"

    def settles(self, mover: str, why: str) -> None:
        """Take in how the last order to a mover ended: `why` is empty where the world shows the motion."""
        self.tried += 1
        if why:
            self.breaks(mover, why)


class Recorded(Invariant):
    """(l): every command has one beginning and one recorded end, and the chain of the journal holds."""

    letter, says = "l", "every command ends in a recorded outcome"

    def closes(self, records: Sequence[Record]) -> None:
        """Look at every record of commands, when all of them are over."""
        lives: dict[str, list[Life]] = {}
        for record in records:
            lives.setdefault(record.entry.command, []).append(Life(record.entry.body["life"]))
        for command, life in lives.items():
            self.tried += 1
            if not life[-1].ended:
                self.breaks(command, f"it never ended: {', '.join(life)}")
            if life.count(Life.RECEIVED) > 1:
                self.breaks(command, f"it was received twice: {', '.join(life)}")
        verdict = verify(self.bench.journal_path)
        if not verdict.ok:
            self.breaks("journal", verdict.why)
