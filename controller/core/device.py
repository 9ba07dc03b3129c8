"""A device at one instant, what can happen to it, and what it may ask for in return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from controller.core.command import Life, Order, Refusal, Wish
from controller.core.modes import Holds, Mode
from controller.core.readings import Reading, Readings, Value, bad, truth
from controller.core.replacing import replace
from controller.core.said import said
from controller.core.spec import Spec

NOTHING_READ = said("nothing read yet")
"""Why a device is unknown between the return of its units and its first full fresh reading."""

# What can happen.


@dataclass(frozen=True, slots=True)
class Sampled:
    """The wire gave these readings, by signal."""

    readings: Readings


@dataclass(frozen=True, slots=True)
class Lost:
    """The unit `unit`, on which some of the device's signals hang, no longer answers."""

    unit: str
    why: str


@dataclass(frozen=True, slots=True)
class Restored:
    """The unit `unit` answers (again) and has proven who it is."""

    unit: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """Somebody wants it moved."""

    order: Order


@dataclass(frozen=True, slots=True)
class Held:
    """Whoever gave the order `order` still holds the button, or has let go of it (R24)."""

    order: str
    let_go: bool = False


@dataclass(frozen=True, slots=True)
class Wrote:
    """The outputs of drive number `drive` were acknowledged, or not: `failed` is how the order ends, None for success."""

    drive: int
    failed: Life | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What people held over the device when an earlier run of the controller ended is known from now on."""

    holds: Holds


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time passed, or a neighbour changed: look again."""


Event = Sampled | Lost | Restored | Ordered | Held | Wrote | Recalled | Ticked


# What may be asked for.


@dataclass(frozen=True, slots=True)
class DriveTo:
    """Write these outputs, in this order; past `deadline` (monotonic s) not one frame of it may go out.

    An `urgent` one goes before everything but what is on the wire already: emergencies, and whatever ends a motion on its way.
    One of steel `at_rest` only switches off what has brought it to its limit: it goes before orders, and after emergencies.
    """

    number: int
    levels: tuple[tuple[str, Value], ...]
    deadline: float
    order: str = ""
    urgent: bool = False
    at_rest: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """The order `order` has come this far; `because` is the cause, `refusals` the reasons when refused.

    `together_with` is what another person asked for before, where the order was accepted because of that.
    """

    order: str
    life: Life
    because: str = ""
    refusals: tuple[Refusal, ...] = ()
    together_with: Wish | None = None


Effect = DriveTo | Progress


@dataclass(frozen=True, slots=True)
class Alarm:
    """A condition that a person must know of; priority 1 is the highest of four.

    A `latching` one stays until somebody has acknowledged it. `sound` is how it sounds until then (R23). `proposes` is what a
    person may want to order; nothing ever executes it (R08). `over` is what there is to say once it is over.
    """

    name: str
    priority: int
    text: str
    latching: bool = True
    sound: str = ""
    proposes: str = ""
    over: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What is known of one device. A new value is made for every change; nobody but its runner makes one.

    `version` counts changes of state, mode, fault or alarm: it is what an order's author says to have seen, and what tells
    neighbours and watchers to look again.
    `down` are the units it hangs on that do not answer. `overdue` tells that it has been in its state for too long (R29).
    """

    spec: Spec
    state: str = "unknown"
    since: float = 0.0
    version: int = 0
    mode: Mode = Mode.REMOTE
    readings: Mapping[str, Reading] = field(default_factory=dict)
    down: frozenset[str] = frozenset()
    why: str = ""
    overdue: bool = False

    def heard(self, readings: Readings) -> Self:
        """Take in what the wire gave; a reading older than the one held is dropped (late and reordered answers)."""
        held = dict(self.readings)
        for name, reading in readings.items():
            before = held.get(name)
            if before is None or reading.taken >= before.taken:
                held[name] = reading
        return replace(self, readings=held)

    def lost(self, unit: str, now: float) -> Self:
        """Forget every reading: after a reconnect only those that are taken from now on count."""
        gone = {name: bad(now) for name in self.spec.inputs}
        return replace(self, down=self.down | {unit}, readings={**self.readings, **gone})

    def restored(self, unit: str, now: float) -> Self:
        """Count `unit` as answering; one that was not missed has reconnected unnoticed, and its readings are forgotten too."""
        known = self if unit in self.down else self.lost(unit, now)
        return replace(known, down=known.down - {unit})

    def entered(self, state: str, now: float, why: str = "") -> Self:
        """Return the device in `state`; the same device if it is there already."""
        if state == self.state:
            return self
        return replace(self, state=state, since=now, version=self.version + 1, why=why)

    @property
    def shown_since(self) -> float:
        """Return since when it is known to show its state and, where it has outputs, to show it because it was asked to."""
        return self.since

    def truth(self, signal: str, now: float) -> bool | None:
        """Read a contact three-valued."""
        return truth(self.readings.get(signal), now, self.spec.inputs[signal])

    def trusts(self, signal: str, now: float) -> bool:
        """Tell whether a decision may rest on the reading of `signal`."""
        reading = self.readings.get(signal)
        return reading is not None and reading.trusted(now, self.spec.inputs[signal])

    def next_stale(self, now: float) -> float | None:
        """Return when the next trusted reading grows too old, None when none is trusted."""
        held = ((self.readings.get(name), age) for name, age in self.spec.inputs.items())
        return min((r.taken + age for r, age in held if r is not None and r.trusted(now, age)), default=None)


Neighbours = Mapping[str, Device]


@dataclass(frozen=True, slots=True)
class Step:
    """The device after an event, what to do, and when to look again if nothing happens (monotonic s)."""

    device: Device
    effects: tuple[Effect, ...] = ()
    wake_at: float | None = None


def soonest(*times: float | None) -> float | None:
    """Return the earliest of the times that are set."""
    return min((t for t in times if t is not None), default=None)
