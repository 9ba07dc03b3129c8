"""Traffic signal of two lamps. It is ordered by nobody: it shows go only while its mover is confirmed open, else halt (R14).

The state is what the lamp currents show: `halt`, `go`, `dark` (neither) or `fault` (both, which no driver can obey). What is
asked for follows from the mover alone: its state, and limit switches that prove it at this instant; unknown or offline asks for
halt. Lamps that do not show what was asked for within the lamp-proof time raise an alarm (R15).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from controller.core.device import Alarm, Device, Effect, Event, Lost, Neighbours, Restored, Step, Wrote, soonest
from controller.core.mover import confirmed
from controller.core.outputs import RELEASE_S, RETRY_S, Driven
from controller.core.readings import Value
from controller.core.sensing import no_orders, sensor_table, shown, taken_in, trusts_all
from controller.core.spec import SignalSpec

TABLE = sensor_table("signal", "halt", "go", "dark", "fault")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal(Driven):
    """A signal at one instant; `asked` is the aspect asked for since `asked_since`, `unproven` that the lamps do not show it."""

    spec: SignalSpec
    asked: str = "halt"
    asked_since: float = 0.0
    unproven: bool = False

    @property
    def proof_due(self) -> float:
        """Return when the lamps must show what was asked for."""
        return self.asked_since + self.spec.lamp_proof_s


def classify(signal: Device, now: float) -> str:
    """Name what the lamp currents show."""
    if not trusts_all(signal, now):
        return "unseen"
    lamps = (bool(signal.truth("halt_lamp", now)), bool(signal.truth("go_lamp", now)))
    return {(True, False): "halt", (False, True): "go", (False, False): "dark", (True, True): "fault"}[lamps]


def step(signal: Signal, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what `event` makes of `signal`."""
    after = _wrote(taken_in(signal, event, TABLE, now), event, now)
    if isinstance(event, Lost | Restored):
        after = replace(after.doubted(), asked_since=now)
    after = shown(after, now, TABLE, classify)
    after = _proven(_asked(after, neighbours, now), now)
    after, effects = _driven(after, now)
    mover = neighbours.get(after.spec.follows)
    due = [t for t in (after.proof_due, after.retry_at) if t > now]
    wake = soonest(after.next_stale(now), after.answer_due, *due, None if mover is None else mover.next_stale(now))
    return Step(after, (*effects, *no_orders(event, after)), wake)


def _wrote(signal: Signal, event: Event, now: float) -> Signal:
    fate = event if isinstance(event, Wrote) and signal.awaits(event) else signal.unanswered(now)
    if fate is None:
        return signal
    return signal.acknowledged(now) if fate.failed is None else signal.failed(fate.why, now + RETRY_S)


def _asked(signal: Signal, neighbours: Neighbours, now: float) -> Signal:
    """Follow the mover; a new aspect waits for no retry of the old one."""
    spec = signal.spec
    asked = "go" if confirmed(neighbours.get(spec.follows), spec.go_state, now) else "halt"
    return signal if asked == signal.asked else replace(signal, asked=asked, asked_since=now, retry_at=0.0)


def _proven(signal: Signal, now: float) -> Signal:
    """Tell whether the lamps have followed in time."""
    seen = signal.state not in ("unknown", "offline")
    unproven = seen and signal.state != signal.asked and now >= signal.proof_due
    changed = unproven != signal.unproven
    return replace(signal, unproven=unproven, version=signal.version + changed)


def levels(signal: Signal) -> dict[str, Value]:
    """Return the lamp outputs."""
    return {"halt": signal.asked == "halt", "go": signal.asked == "go"}


def _driven(signal: Signal, now: float) -> tuple[Signal, list[Effect]]:
    wanted = levels(signal)
    if signal.down or now < signal.retry_at or not signal.lacks(wanted):
        return signal, []
    signal, drive = signal.asking(wanted, now + RELEASE_S)
    return signal, [drive]


def alarms(signal: Signal) -> tuple[Alarm, ...]:
    """Return the conditions of this signal that a person must know of (R15)."""
    if signal.state == "fault":
        return (Alarm("both-lamps", 2, "both lamps burn"),)
    if signal.unproven:
        return (Alarm("lamp-proof", 2, f"asked for {signal.asked}, shows {signal.state}"),)
    return ()
