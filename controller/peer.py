"""One unit as its endpoint sees it: what is to be done with it, and what it has shown of itself. No I/O."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from controller.core.readings import Quality, Reading, Readings, Value
from controller.core.said import said
from controller.ports import Point, Unit

FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 5.0
"""Back-off of a closed unit: doubled from the first to the longest, each drawn between half and the whole of it."""

YIELD_S = 5.0
"""For how long a unit that has failed lets the others go first: on a wire that is never idle it has its turn none the less."""

STEP_S = 0.01
"""How finely wires wake: what is due comes this much late at most, together with what is due on other wires."""

LOOK_PATIENCES = 3
"""How many times its patience ago a unit may have been read for it to be fed: a reading takes two at most."""

TRIPPED = said("its watchdog has expired and its outputs are off: find out why, then `re-arm` its device (R26)")


@dataclass(frozen=True, slots=True)
class Watchdog:
    """A unit's own watchdog: written once after opening, fed by an alternating value, expired when `status` reads so (R26)."""

    arm: tuple[tuple[Point, int], ...] = ()
    feed: Point | None = None
    period_s: float = 1.0
    status: str = ""
    expired: Value = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do with one unit: the points to read each `poll_s`, and what proves that its program is alive.

    `polls` and `pushes` say how its protocol gives readings; a unit may do both. A `heartbeat` point that stands still for
    `heartbeat_s` makes every reading of the unit uncertain. `in_flight` is how many requests it takes at a time, `profile` the
    name of its model, for people.
    """

    unit: Unit
    points: tuple[Point, ...]
    poll_s: float = 0.2
    polls: bool = True
    pushes: bool = False
    heartbeat: str = ""
    heartbeat_s: float = 3.0
    watchdog: Watchdog | None = None
    in_flight: int = 1
    profile: str = ""

    @property
    def patience_s(self) -> float:
        """Return how long to wait for one answer."""
        return float(self.unit.options.get("patience_s", 0.5))


@dataclass(slots=True, eq=False)
class Peer:
    """One unit as the endpoint sees it now: open or closed, when it is due, and whether its program lives.

    `phase` (0 to below 1) is where in the period it is read, so that the wires of a site do not all speak at once.
    `tripped` tells that its watchdog expired while it was being supervised: it stays closed until a person arms it again (R26).
    `supervised` tells that it was open since the start, or since a person armed it: that it has expired is then news.
    """

    plan: Plan
    phase: float = 0.0
    open: bool = False
    announced_down: bool = False
    tripped: bool = False
    supervised: bool = False
    failures: int = 0
    due: float = 0.0
    feed_due: float = float("inf")
    toggle: int = 0
    looked_at: float = -math.inf
    beat: Value | None = None
    beat_at: float = -math.inf
    pushing: asyncio.Task[None] | None = field(default=None, repr=False)
    patience_s: float = field(init=False)

    def __post_init__(self) -> None:
        """Look up once what is wanted with each request."""
        self.patience_s = self.plan.patience_s

    @property
    def next_due(self) -> float:
        """Return when there is something to do with it (monotonic s)."""
        return self.due if self.due <= self.feed_due else self.feed_due

    def opened(self, now: float) -> None:
        """Take note that the unit has proven who it is: it is read and fed at once."""
        watchdog = self.plan.watchdog
        self.open, self.supervised, self.announced_down, self.failures = True, True, False, 0
        self.feed_due = now if watchdog is not None and watchdog.feed is not None else float("inf")
        self.beat, self.beat_at, self.looked_at = None, -math.inf, -math.inf
        self.due = now - self.phase * self.plan.poll_s

    @property
    def proof(self) -> tuple[Point, ...]:
        """Return what tells, before it is armed, whether its watchdog has expired; nothing where that is no news (R26)."""
        watchdog = self.plan.watchdog
        if watchdog is None or not self.supervised or not self.plan.polls:
            return ()
        return tuple(point for point in self.plan.points if point.name == watchdog.status)

    def closed(self, now: float, jitter: float) -> None:
        """Take note that the unit was lost, and when to try again; `jitter` is a draw between half and one."""
        wait = min(FIRST_WAIT_S * 2 ** min(self.failures, 10), LONGEST_WAIT_S)
        self.failures += 1
        self.open, self.feed_due = False, float("inf")
        self.due = now + wait * jitter

    def unseen(self, now: float) -> bool:
        """Tell whether it has to be read before it is fed, because its watchdog may have expired since it was last looked at.

        A feed would start an expired one again on some models, and hide from people that the outputs were off (R26).
        """
        watchdog = self.plan.watchdog
        looks = watchdog is not None and bool(watchdog.status) and self.plan.polls
        return looks and now > self.looked_at + LOOK_PATIENCES * self.patience_s

    def polled(self, now: float) -> None:
        """Take note of a poll: the next counts from when this one was due, so that the period holds.

        Missed ones are skipped, all but the last: that one is due at once, and the next in the unit's own phase again. Whatever
        was late together would else stay together.
        """
        period_s = self.plan.poll_s
        self.due += period_s
        if self.due < now:
            self.due += (now - self.due) // period_s * period_s

    def postponed(self, now: float) -> None:
        """Take note that what was due could not be done, and is due again with the next poll."""
        self.due = now + self.plan.poll_s
        self.feed_due = max(self.feed_due, self.due)

    def food(self, now: float) -> tuple[Point, int] | None:
        """Return what to write to feed its watchdog, never the value of the last time; None where it wants none."""
        watchdog = self.plan.watchdog
        if watchdog is None or watchdog.feed is None:
            self.feed_due = float("inf")
            return None
        self.toggle = self.toggle % 0x7FFF + 1
        self.feed_due = now + watchdog.period_s
        return watchdog.feed, self.toggle

    def looked(self, readings: Readings, asked_at: float) -> None:
        """Take note of readings that were asked for at `asked_at`: what came late tells how it was then."""
        watchdog = self.plan.watchdog
        if watchdog is not None and watchdog.status in readings:
            self.looked_at = asked_at

    def expired(self, readings: Readings) -> bool:
        """Tell whether `readings` say that its own watchdog has expired (R26)."""
        watchdog = self.plan.watchdog
        status = readings.get(watchdog.status) if watchdog is not None and watchdog.status else None
        return watchdog is not None and status is not None and status.value == watchdog.expired

    def weighed(self, readings: Readings, now: float) -> Readings:
        """Doubt every reading of a unit whose heartbeat stands still: its server answers, its program does not run.

        The first beat after opening proves nothing: it may be the last that a dead program left behind.
        """
        if not self.plan.heartbeat:
            return readings
        beat = readings.get(self.plan.heartbeat)
        if beat is not None and beat.value is not None and beat.value != self.beat:
            self.beat_at = self.beat_at if self.beat is None else now
            self.beat = beat.value
        if now < self.beat_at + self.plan.heartbeat_s:
            return readings
        return {name: Reading(r.value, Quality.UNCERTAIN, r.taken) for name, r in readings.items()}


def in_step(when: float) -> float:
    """Return `when` or a little later, at a time at which other wires wake too: at low rates waking up is what costs."""
    step = math.ceil(when / STEP_S) * STEP_S
    return step if step >= when else step + STEP_S


def whose_turn(peers: Iterable[Peer], now: float) -> Peer | None:
    """Return who is due first, those that have failed after those that have not; None where nothing is due."""
    found, before = None, math.inf
    for peer in peers:
        due = peer.next_due
        if due <= now:
            turn = due + YIELD_S if peer.failures else due
            if turn < before:
                found, before = peer, turn
    return found
