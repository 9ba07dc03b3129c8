"""Traffic signal of two lamps. It is ordered by nobody: it shows go only while its mover is confirmed open, else halt (R14).

The state is what the lamp currents show: `halt`, `go`, `dark` (neither) or `fault` (both, which no driver can obey). What is
asked for follows from the mover's state alone; unknown or offline asks for halt. Lamps that do not show what was asked for within
the lamp-proof time raise an alarm (R15).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from controller.core.device import (
    Alarm,
    Device,
    DriveTo,
    Effect,
    Event,
    Lost,
    Neighbours,
    Restored,
    Step,
    Wrote,
    soonest,
)
from controller.core.motion import RELEASE_S, RETRY_S
from controller.core.readings import Value
from controller.core.sensing import no_orders, sensor_table, taken_in, trusts_all
from controller.core.spec import SignalSpec

TABLE = sensor_table("signal", "halt", "go", "dark", "fault")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal(Device):
    """A signal at one instant; `asked` is the aspect asked for since `asked_since`. Writes as in `Mover`."""

    spec: SignalSpec
    asked: str = "halt"
    asked_since: float = 0.0
    drive: int = 0
    pending: Mapping[str, Value] = field(default_factory=dict)
    acked: Mapping[str, Value] = field(default_factory=dict)
    retry_at: float = 0.0
    unproven: bool = False


def classify(signal: Device, now: float) -> str:
    """Name what trusted lamp currents show."""
    lamps = (bool(signal.truth("halt_lamp", now)), bool(signal.truth("go_lamp", now)))
    return {(True, False): "halt", (False, True): "go", (False, False): "dark", (True, True): "fault"}[lamps]


def step(signal: Signal, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what `event` makes of `signal`."""
    after = _wrote(taken_in(signal, event, TABLE, now), event, now)
    if isinstance(event, Lost | Restored):
        after = replace(after, pending={}, acked={})
    shown = classify(after, now) if trusts_all(after, now) else "unseen"
    after = after.entered(
        TABLE.next(after.state, shown), now, "lamp feedback is not fresh" if shown == "unseen" else ""
    )
    after = _asked(after, neighbours, now)
    after, effects = _driven(after, now)
    due = (after.asked_since + after.spec.lamp_proof_s, after.retry_at)
    wake = soonest(after.next_stale(now), *(t for t in due if t > now))
    return Step(after, (*effects, *no_orders(event, after)), wake)


def _wrote(signal: Signal, event: Event, now: float) -> Signal:
    if not isinstance(event, Wrote) or event.drive != signal.drive:
        return signal
    if event.failed is not None:
        return replace(signal, pending={}, acked={}, retry_at=now + RETRY_S)
    return replace(signal, acked={**signal.acked, **signal.pending}, pending={})


def _asked(signal: Signal, neighbours: Neighbours, now: float) -> Signal:
    """Follow the mover, and tell whether the lamps have followed in time."""
    mover = neighbours.get(signal.spec.follows)
    asked = "go" if mover is not None and mover.state == signal.spec.go_state else "halt"
    if asked != signal.asked:
        signal = replace(signal, asked=asked, asked_since=now)
    late = now >= signal.asked_since + signal.spec.lamp_proof_s
    seen = signal.state not in ("unknown", "offline")
    unproven = late and seen and signal.state != signal.asked
    if unproven == signal.unproven:
        return signal
    return replace(signal, unproven=unproven, version=signal.version + 1)


def levels(signal: Signal) -> dict[str, Value]:
    """Return the lamp outputs; the lamp to put out comes first, so that both never burn together."""
    wanted: dict[str, Value] = {"go": signal.asked == "go", "halt": signal.asked == "halt"}
    return dict(sorted(wanted.items(), key=lambda item: bool(item[1])))


def _driven(signal: Signal, now: float) -> tuple[Signal, list[Effect]]:
    wanted = levels(signal)
    coming = {**signal.acked, **signal.pending}
    if signal.down or now < signal.retry_at or all(coming.get(name) == level for name, level in wanted.items()):
        return signal, []
    drive = DriveTo(signal.drive + 1, tuple(wanted.items()), now + RELEASE_S)
    return replace(signal, drive=drive.number, pending=wanted, acked={}), [drive]


def alarms(signal: Signal) -> tuple[Alarm, ...]:
    """Return the conditions of this signal that a person must know of (R15)."""
    if signal.state == "fault":
        return (Alarm("both-lamps", 2, "both lamps burn"),)
    if signal.unproven:
        return (Alarm("lamp-proof", 2, f"asked for {signal.asked}, shows {signal.state}"),)
    return ()
