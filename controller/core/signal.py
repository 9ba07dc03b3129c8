"""Traffic signal of two lamps. It is ordered by nobody: it shows go only while its mover is confirmed open, else halt (R14).

The state is what the lamp currents show: `halt`, `go`, `dark` (neither) or `fault` (both, which no driver can obey). What is
asked for follows from the mover alone: its state, and limit switches that prove it at this instant; unknown or offline asks for
halt, and so does an order that waits to block the way, or an emergency that is latched, whether or not it came to that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from controller.core.device import Alarm, Device, Event, Neighbours, Step
from controller.core.lamps import Lamps, Lighting, light, unwritten
from controller.core.mover import Mover, confirmed
from controller.core.readings import Value
from controller.core.said import said, word
from controller.core.sensing import sensor_table, trusts_all
from controller.core.spec import SignalSpec

TABLE = sensor_table("signal", "halt", "go", "dark", "fault")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal(Lamps):
    """A signal at one instant."""

    spec: SignalSpec
    asked: str = "halt"


def classify(signal: Device, now: float) -> str:
    """Name what the lamp currents show."""
    if not trusts_all(signal, now):
        return "unseen"
    lamps = (bool(signal.truth("halt_lamp", now)), bool(signal.truth("go_lamp", now)))
    return {(True, False): "halt", (False, True): "go", (False, False): "dark", (True, True): "fault"}[lamps]


def wanted(signal: Lamps, neighbours: Neighbours, now: float) -> str:
    """Name the aspect that the mover allows."""
    spec = cast(SignalSpec, signal.spec)
    mover = neighbours.get(spec.follows)
    closing = isinstance(mover, Mover) and (mover.waiting or mover.holds.efo is not None)
    return "go" if confirmed(mover, spec.go_state, now) and not closing else "halt"


def levels(asked: str) -> dict[str, Value]:
    """Return the lamp outputs."""
    return {"halt": asked == "halt", "go": asked == "go"}


_LIGHTING = Lighting(
    table=TABLE,
    classify=classify,
    wanted=wanted,
    levels=levels,
    heeded=lambda signal: (cast(SignalSpec, signal.spec).follows,),
)


def step(signal: Signal, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what `event` makes of `signal`."""
    return light(signal, event, neighbours, now, _LIGHTING)


def alarms(signal: Signal) -> tuple[Alarm, ...]:
    """Return the conditions of this signal that a person must know of (R15)."""
    if signal.state == "fault":
        return (Alarm("both-lamps", 2, said("both lamps burn")), *unwritten(signal))
    if signal.unproven:
        text = said("asked for {asked}, shows {state}", asked=word(signal.asked), state=word(signal.state))
        return (Alarm("lamp-proof", 2, text), *unwritten(signal))
    return unwritten(signal)
