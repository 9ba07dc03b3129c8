"""What really happened, in order, told to whoever listens: frames, readings, changes of the board, commits, orders, time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from controller.core.device import Device
from controller.core.readings import Readings, Value
from controller.ledger import Command, Request
from controller.logbook import Asked
from controller.plant import Plant
from tests.faults.wires import Frame

if TYPE_CHECKING:
    from tests.faults.bench import Bench


class Witness:
    """Sees everything that happens on a bench. A subclass looks at what it is interested in; nothing here may change anything."""

    bench: Bench

    def sent(self, frame: Frame) -> None:
        """A write was sent."""

    def arrived(self, frame: Frame) -> None:
        """A write acts from now on."""

    def heard(self, unit: str, readings: Readings) -> None:
        """The controller is about to be handed readings."""

    def asked(self, request: Request) -> None:
        """Somebody gives an order."""

    def answered(self, request: Request, command: Command | None) -> None:
        """Somebody is told what becomes of an order; None where the controller can not say it."""

    def passing(self, asked: Asked) -> None:
        """Somebody asks for a passage."""

    def ordered(self, request: Request, expires: float) -> None:
        """The controller is about to record an order, whoever gave it."""

    def held(self, command: str) -> None:
        """Somebody says that the button of an order is still held."""

    def began(self) -> None:
        """A controller is about to read what an earlier one left."""

    def shown(self, before: Device, after: Device) -> None:
        """A device shows something new."""

    def stepped(self, now: float) -> None:
        """The field has lived until now."""

    def crashed(self) -> None:
        """The controller was killed."""

    def finished(self) -> None:
        """The bench is about to be taken down."""


@dataclass
class Trace(Witness):
    """Tells every witness, and keeps the frames."""

    plant: Plant | None = None
    frames: list[Frame] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)
    keep: int = 100_000
    _of: dict[tuple[str, str], str] = field(default_factory=dict)

    def fit(self, plant: Plant) -> None:
        """Learn which output belongs to which device."""
        self.plant = plant
        self._of = {
            (unit, point.name): fitting.spec.id
            for fitting in plant.fittings
            for _, unit, point in fitting.outputs.values()
        }

    def device_of(self, unit: str, values: Mapping[str, Value]) -> str:
        """Return the device whose outputs these are, "" for a watchdog's."""
        return next((self._of[unit, name] for name in values if (unit, name) in self._of), "")

    def sent(self, frame: Frame) -> None:
        frame.device = self.device_of(frame.unit, frame.values)
        if len(self.frames) < self.keep:
            self.frames.append(frame)
        for witness in self.witnesses:
            witness.sent(frame)

    def arrived(self, frame: Frame) -> None:
        for witness in self.witnesses:
            witness.arrived(frame)

    def heard(self, unit: str, readings: Readings) -> None:
        for witness in self.witnesses:
            witness.heard(unit, readings)

    def asked(self, request: Request) -> None:
        for witness in self.witnesses:
            witness.asked(request)

    def answered(self, request: Request, command: Command | None) -> None:
        for witness in self.witnesses:
            witness.answered(request, command)

    def passing(self, asked: Asked) -> None:
        for witness in self.witnesses:
            witness.passing(asked)

    def ordered(self, request: Request, expires: float) -> None:
        for witness in self.witnesses:
            witness.ordered(request, expires)

    def held(self, command: str) -> None:
        for witness in self.witnesses:
            witness.held(command)

    def began(self) -> None:
        for witness in self.witnesses:
            witness.began()

    def shown(self, before: Device, after: Device) -> None:
        for witness in self.witnesses:
            witness.shown(before, after)

    def stepped(self, now: float) -> None:
        for witness in self.witnesses:
            witness.stepped(now)

    def crashed(self) -> None:
        for witness in self.witnesses:
            witness.crashed()

    def finished(self) -> None:
        for witness in self.witnesses:
            witness.finished()
