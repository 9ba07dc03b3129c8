"""How many alarms a person is given: rates, flood, chattering (ISA-18.2, 16). Orders and events are not counted (R35, R37).

One alarm in 10 min is what an operator can deal with, two are the most (EEMUA 191). More than 10 in 10 min are a flood, which
lasts until fewer than 5 came in 10 min.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.core.replacing import replace

WINDOW_S = 600.0
"""The 10 min of the rates."""
HOUR_S = 3600.0
FLOOD_ABOVE, FLOOD_BELOW = 10, 5
CHATTER_S = 300.0
CHATTER_ABOVE = 5
"""More transitions than this in CHATTER_S seconds are chattering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What came when, as far back as it counts. Times are monotonic seconds.

    `arrivals` are (when, priority) of the alarms annunciated in the last hour, the oldest first, `changes` by alarm when its
    condition came or went in the last CHATTER_S, `total` the alarms annunciated since the start, by priority, `floods` how
    many floods there were.
    """

    arrivals: tuple[tuple[float, int], ...] = ()
    changes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    total: Mapping[int, int] = field(default_factory=dict)
    flood: bool = False
    floods: int = 0

    def came(self, priority: int, now: float) -> Rates:
        """Count an alarm that was annunciated."""
        total = {**self.total, priority: self.total.get(priority, 0) + 1}
        return replace(self, arrivals=(*self.arrivals, (now, priority)), total=total).judged(now)

    def changed(self, alarm: str, now: float) -> Rates:
        """Count that the condition of `alarm` came or went."""
        return replace(self, changes={**self.changes, alarm: (*self.changes.get(alarm, ()), now)})

    def at(self, now: float) -> Rates:
        """Return what still counts at `now`, and whether there is a flood."""
        recent = {name: tuple(t for t in times if now - t < CHATTER_S) for name, times in self.changes.items()}
        return replace(self, changes={name: times for name, times in recent.items() if times}).judged(now)

    def judged(self, now: float) -> Rates:
        """Return the arrivals that still count at `now`, and whether they are a flood."""
        left = replace(self, arrivals=self.arrivals[self._older(HOUR_S, now) :])
        count = left.within(WINDOW_S, now)
        flood = count >= FLOOD_BELOW if self.flood else count > FLOOD_ABOVE
        return replace(left, flood=flood, floods=self.floods + (flood and not self.flood))

    def within(self, seconds: float, now: float) -> int:
        """Return how many alarms were annunciated in the last `seconds`, at most an hour."""
        return len(self.arrivals) - self._older(seconds, now)

    def _older(self, seconds: float, now: float) -> int:
        """Return how many of the arrivals are too old; a flood makes many, and asks at each."""
        return bisect_left(self.arrivals, True, key=lambda one: now - one[0] < seconds)

    def split(self, now: float) -> dict[int, int]:
        """Return how many alarms of each priority were annunciated in the last hour."""
        recent = [priority for at, priority in self.arrivals if now - at < HOUR_S]
        return {priority: recent.count(priority) for priority in (1, 2, 3, 4)}

    def chattering(self, alarm: str, now: float) -> bool:
        """Tell whether the condition of `alarm` comes and goes too often."""
        return sum(now - at < CHATTER_S for at in self.changes.get(alarm, ())) > CHATTER_ABOVE

    def chatterers(self, now: float) -> list[str]:
        """Name the alarms whose condition comes and goes too often."""
        return sorted(name for name in self.changes if self.chattering(name, now))
