"""The simulated field, which in virtual time may skip what changes nothing; and the units at the other end of the wires."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property
from math import inf

from controller.config.site import Site
from simulators.build import Built
from simulators.field import STEP_S, Field
from simulators.image import Image
from simulators.plants.mover import Mover
from simulators.plants.signal import Beacon
from simulators.profiles import Value

STRIDE_S = 2 * STEP_S
AWAKE_S = 0.3
"""How long the field is lived through step by step after something was done to it: longer than contacts bounce and lamps lag."""
LEAP_S = 0.4
"""How far it leaps at once while nothing moves: reading it more often shows nothing new."""


class QuietField(Field):
    """A field that leaps over the time in which no steel and no vehicle moves and no contact bounces."""

    _awake_until = AWAKE_S

    @cached_property
    def lit(self) -> dict[str, list[tuple[float, float]]]:
        """Return when each beacon was lit, as (since, until) in the order of time; the last one may still last."""
        return {name: [] for name, wired in self.wired.items() if isinstance(wired.plant, Beacon)}

    def _live(self, now: float) -> None:
        super()._live(now)
        for name, times in self.lit.items():
            lasts = bool(times) and times[-1][1] == inf
            if self.world.lamps[name]["light"] != lasts:
                times[-1:] = [(times[-1][0], now)] if lasts else [*times[-1:], (now, inf)]

    @classmethod
    def of(cls, built: Built) -> QuietField:
        """Make one of the parts of a field that was built."""
        field = built.field
        return cls(field.clock, field.world, field.traffic, field.wired.values())

    @cached_property
    def _ordered(self) -> frozenset[tuple[str, str]]:
        """Return every point that steel or a lamp obeys."""
        roles = ((wired, role) for wired in self.wired.values() for role in wired.plant.ORDERS)
        return frozenset((image.unit, point) for w, role in roles for image, point in w.channels.get(role, ()))

    def advance(self) -> None:
        now = self.clock.now()
        if self.asleep:
            if now - self._done >= LEAP_S:
                self._leap(now)
            return
        before = dict(self.world.steel)
        while self._done + STRIDE_S <= now:
            self.traffic.step(STRIDE_S)
            self._to(self._done + STRIDE_S)
        if before != self.world.steel:
            self.stir()

    @property
    def asleep(self) -> bool:
        """Tell whether nothing moves, bounces or lags, and nothing will before something is done to it."""
        return self.clock.now() > self._awake_until and not self._drives()

    def _leap(self, now: float) -> None:
        steps = int((now - self._done) / STRIDE_S + 1e-6)
        if steps > 0:
            self._to(self._done + steps * STRIDE_S)

    def _to(self, moment: float) -> None:
        self.world.now = self._done = round(moment, 6)
        self._live(self._done)

    def write(self, image: Image, values: Mapping[str, Value]) -> None:
        if any((image.unit, name) in self._ordered and image.true(name) != value for name, value in values.items()):
            if self.asleep:
                self._leap(self.clock.now())
            super().write(image, values)
            self.stir()
        else:
            image.put(values)

    def stir(self) -> None:
        """Take note that something was done to it."""
        self._awake_until = self.clock.now() + AWAKE_S

    def settle(self) -> None:
        if self.asleep:
            self._leap(self.clock.now())
        super().settle()
        self.stir()

    def _drives(self) -> bool:
        plants = (wired.plant for wired in self.wired.values())
        return (
            self.traffic.on
            or any(not vehicle.parked for vehicle in self.world.vehicles.values())
            or any(isinstance(plant, Mover) and plant.by_hand is not None for plant in plants)
        )


BEAT_S = 1.0
"""How often a unit's program shows that it lives, where it does."""
FED_S = 3.0
"""How long the watchdog of a unit with a feeding register waits, as the profiles' own arming says."""


def boxes_of(site: Site, built: Built) -> dict[str, Box]:
    """Return the units of a site, each with the watchdog that its profile describes."""
    found = {}
    for name, image in built.images.items():
        watchdog, host_lost_s = site.units[name].profile.watchdog, built.plan.units[name].host_lost_s
        if watchdog is None:
            found[name] = Box(image, heartbeat=image.profile.heartbeat)
            continue
        found[name] = Box(
            image,
            heartbeat=image.profile.heartbeat,
            feed=watchdog.feed,
            arm=[point for point, _ in watchdog.arm],
            status=watchdog.status,
            expired=watchdog.expired,
            limit_s=FED_S if watchdog.feed else host_lost_s,
        )
    return found


class Box:
    """A unit at the other end of a wire: its image, and its own watchdog where it has one (R26)."""

    def __init__(
        self,
        image: Image,
        *,
        heartbeat: str | None = None,
        feed: str | None = None,
        arm: Sequence[str] = (),
        status: str | None = None,
        expired: Value = 2,
        limit_s: float | None = None,
    ) -> None:
        """`limit_s` is the silence after which its outputs go off; where `feed` is None any request breaks it."""
        self.image = image
        self._heartbeat = heartbeat
        self._feed, self._limit_s = feed, limit_s
        self._status, self._expired = status, expired
        self._fed_at: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        # A unit that has nothing to be armed with begins again when it is fed; else a feed leaves an expired one expired.
        self._arm = (frozenset(arm) or frozenset([feed] if feed else [])) - frozenset([feed] if feed and arm else [])
        self.tripped = False
        self.trips = 0

    def read(self, points: Sequence[str]) -> dict[str, Value]:
        """Return what the wire sees of `points`."""
        self._asked()
        if self._heartbeat is not None:
            self.image.put({self._heartbeat: int(asyncio.get_running_loop().time() / BEAT_S) % 0x8000})
        return {name: self.image.read(name) for name in points}

    def write(self, values: Mapping[str, Value]) -> bool:
        """Take an order; False when it is refused, because the watchdog has expired and only a new start of it is heard."""
        self._asked()
        names = set(values)
        if self.tripped and not names & self._arm:
            return False
        if names & self._arm:
            self._trip(False)
        changed = self._feed in values and self.image.true(str(self._feed)) != values[str(self._feed)]
        self.image.write(values)
        if changed:
            self._fed()
        return True

    def reboot(self) -> None:
        """Power down and up: every output is off, the watchdog does not run."""
        self._fed_at = None
        self.image.write(
            {name: self.image.off(name) for name, row in self.image.profile.points.items() if row.writable}
        )
        self._trip(False)

    def _asked(self) -> None:
        if self._limit_s is not None and self._feed is None and not self.tripped:
            self._fed()

    def _fed(self) -> None:
        loop = asyncio.get_running_loop()
        self._fed_at = loop.time()
        if self._timer is None and self._limit_s is not None:
            self._timer = loop.call_later(self._limit_s, self._ring)

    def _ring(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        if self._fed_at is None or self._limit_s is None:
            return
        if (due := self._fed_at + self._limit_s) > loop.time():
            self._timer = loop.call_at(due, self._ring)
            return
        self._fed_at = None
        rows = self.image.profile.points.items()
        outputs = [name for name, row in rows if row.writable and name != self._feed and name not in self._arm]
        self.image.write({name: self.image.off(name) for name in outputs})
        self._trip(True)

    def _trip(self, tripped: bool) -> None:
        self.tripped = tripped
        self.trips += tripped
        if self._status is not None:
            idle = self.image.profile.points[self._status].idle
            shown = self._expired if tripped else idle
            self.image.put({self._status: bool(shown) if isinstance(idle, bool) else shown})
