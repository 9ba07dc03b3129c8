"""What signals and beacons have in common: lamps that follow other devices, ordered by nobody, and must prove what they show.

The state is what the lamp currents show. What is asked for follows from the devices that they heed. Lamps that do not show what
was asked for within the lamp-proof time are an alarm (R15, VicRoads flags 9 and 10), and are asked for once more.

They are proven from the first reading on that was taken after the write was acknowledged and shows what it asked for: what was
read before is what they showed before, and they may have been switched since.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from controller.core.device import Alarm, Device, Effect, Event, Lost, Neighbours, Restored, Step, Wrote, soonest
from controller.core.outputs import RELEASE_S, RETRY_S, Driven
from controller.core.readings import Value
from controller.core.replacing import replace
from controller.core.said import said
from controller.core.sensing import no_orders, shown, taken_in
from controller.core.spec import LampSpec
from controller.core.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamps(Driven):
    """Lamps at one instant; `asked` is what they were asked to show since `asked_since`, `unproven` that they do not show it.

    `proven_at` is since when they are proven to show it, inf while they are not.
    """

    spec: LampSpec
    asked: str
    asked_since: float = 0.0
    unproven: bool = False
    proven_at: float = 0.0

    @property
    def proof_due(self) -> float:
        """Return when the lamps must show what was asked for."""
        return self.asked_since + self.spec.lamp_proof_s

    @property
    def shown_since(self) -> float:
        return max(self.since, self.proven_at)


L = TypeVar("L", bound=Lamps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lighting:
    """How one kind of lamps behaves: its table, what its currents show, what to ask for, and the outputs that ask for it.

    `heeded` are the devices on which what is asked for hangs.
    """

    table: Table
    classify: Callable[[Device, float], str]
    wanted: Callable[[Lamps, Neighbours, float], str]
    levels: Callable[[str], dict[str, Value]]
    heeded: Callable[[Lamps], tuple[str, ...]]


def unwritten(lamps: Lamps) -> tuple[Alarm, ...]:
    """Return the alarm of outputs that cannot be written: what the lamps show then proves nothing, and steel waits for it."""
    if not lamps.unwritten:
        return ()
    return (Alarm("outputs", 2, said("its outputs cannot be written: {why}", why=lamps.unwritten)),)


def light(lamps: L, event: Event, neighbours: Neighbours, now: float, lighting: Lighting) -> Step:
    """Return what `event` makes of `lamps`."""
    after = _wrote(taken_in(lamps, event, lighting.table, now), event, now)
    if isinstance(event, Lost | Restored):
        after = replace(after.doubted(), asked_since=now)
    after = shown(after, now, lighting.table, lighting.classify)
    after = _asked(after, lighting.wanted(after, neighbours, now), now)
    after, effects = _driven(_followed(after, now), lighting.levels(after.asked), now)
    after = _proven(after, now, news=after.state != lamps.state)
    due = [t for t in (after.proof_due, after.retry_at) if t > now]
    heeded = [neighbours[name].next_stale(now) for name in lighting.heeded(after) if name in neighbours]
    wake = soonest(after.next_stale(now), after.answer_due, *due, *heeded)
    return Step(after, (*effects, *no_orders(event, after)), wake)


def _wrote(lamps: L, event: Event, now: float) -> L:
    fate = event if isinstance(event, Wrote) and lamps.awaits(event) else lamps.unanswered(now)
    if fate is None:
        return lamps
    return lamps.acknowledged(now) if fate.failed is None else lamps.failed(fate.why, now + RETRY_S)


def _asked(lamps: L, asked: str, now: float) -> L:
    """Ask anew; a new wish waits for no retry of the old one."""
    return lamps if asked == lamps.asked else replace(lamps, asked=asked, asked_since=now, retry_at=0.0)


def _proven(lamps: L, now: float, *, news: bool) -> L:
    """Tell since when they are proven; whoever waits for that has to hear of it, unless there is `news` already."""
    read = (lamps.readings.get(name) for name in lamps.spec.inputs)
    later = all(reading is not None and reading.taken >= lamps.acked_at for reading in read)
    proven = later and lamps.settled and lamps.state == lamps.asked
    if proven is (lamps.proven_at <= now):
        return lamps
    if not proven:
        return replace(lamps, proven_at=math.inf)
    return replace(lamps, proven_at=now, version=lamps.version + (not news))


def _followed(lamps: L, now: float) -> L:
    """Tell whether the lamps have followed in time."""
    known = lamps.state not in ("unknown", "offline")
    unproven = known and lamps.state != lamps.asked and now >= lamps.proof_due
    if unproven is lamps.unproven:
        return lamps
    # A unit that lost its power for an instant has forgotten what it acknowledged: what does not show is asked for once more.
    lamps = lamps.doubted() if unproven else lamps
    return replace(lamps, unproven=unproven, version=lamps.version + 1)


def _driven(lamps: L, wanted: dict[str, Value], now: float) -> tuple[L, list[Effect]]:
    if lamps.down or now < lamps.retry_at or not lamps.lacks(wanted):
        return lamps, []
    lamps, drive = lamps.asking(wanted, now + RELEASE_S)
    return lamps, [drive]
