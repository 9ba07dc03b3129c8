"""The alarms of a site: which stand, which are hidden and until when, and how many come (ISA-18.2, R34-R37).

Conditions come in by `set`, what people do by `act` and `shelve`; `tick` lets time pass. What becomes of an alarm the table in
core/alarms.py says. Every change of one is told, with who did it and why. Operators' actions and events are never counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from controller.core.alarm_rates import HOUR_S, WINDOW_S, Rates
from controller.core.alarms import HIDDEN, SUPPRESSIONS, AlarmState, Standing, refusal, shelved, step
from controller.core.device import Alarm
from controller.core.said import said
from controller.ports import RempartError

CONTROLLER = "controller"
"""Who did what no person did."""

REMIND_EVERY = 5000
"""After so many records of alarms what people have hidden is told anew, so that it stands among the newest of the journal."""


class NoSuchAlarm(RempartError):
    """No alarm of this name stands or is hidden."""


class NotDone(RempartError):
    """The alarm is in a state in which that cannot be done to it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to an alarm, who did it (a principal, or CONTROLLER) and why."""

    event: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a device is: its zone, and the units that it hangs on."""

    zone: str = ""
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Seconds that only go forward, and the label (RFC 3339 UTC) of this instant or one `s` seconds from it."""

    now: Callable[[], float]
    label: Callable[[], str]
    later: Callable[[float], str]


Told = Callable[[Standing, Change], None]


class Annunciator:
    """The alarms of a site; `told` hears every change of one of them, `flooded` the begin and end of a flood with its count."""

    def __init__(
        self, clock: Clock, told: Told, flooded: Callable[[bool, int], None], places: Mapping[str, Place]
    ) -> None:
        self._clock, self._told, self._flooded, self._places = clock, told, flooded, places
        self._known: dict[str, Standing] = {}
        self._rates = Rates()
        self._uncaused: frozenset[str] = frozenset()
        self._told_since = 0

    # What is to be seen.

    def standing(self) -> list[Standing]:
        """Return the alarms that are annunciated: live ones before those that are over, then by priority, then newest first."""
        newest = sorted(self._shown(), key=lambda s: s.since, reverse=True)
        return sorted(newest, key=lambda s: (s.state is AlarmState.RETURNED_UNACKNOWLEDGED, s.alarm.priority))

    def hidden(self) -> list[Standing]:
        """Return the alarms that are shelved, suppressed by design, or out of service, by id."""
        return sorted((s for s in self._known.values() if s.state in HIDDEN), key=lambda s: s.id)

    def _shown(self) -> list[Standing]:
        return [s for s in self._known.values() if s.state not in HIDDEN]

    def stale(self, standing: Standing) -> bool:
        """Tell whether an alarm has been active for more than a day."""
        return standing.stale(self._clock.now())

    def chattering(self, standing: Standing) -> bool:
        """Tell whether its condition comes and goes too often."""
        return self._rates.chattering(standing.id, self._clock.now())

    @property
    def flood(self) -> bool:
        """Tell whether more alarms come than a person can take in (R35)."""
        return self._rates.flood

    @property
    def annunciated(self) -> Mapping[int, int]:
        """Return how many alarms were annunciated since the start, by priority."""
        return self._rates.total

    def counts(self) -> dict[str, int]:
        """Return how many alarms are in each state, sound, and are stale or chattering at this moment."""
        known = list(self._known.values())
        states = Counter(s.state for s in known)
        return {
            **{str(state): states[state] for state in AlarmState if state is not AlarmState.NORMAL},
            "sounding": sum(s.sounding for s in known),
            "stale": sum(self.stale(s) for s in known),
            "chattering": len(self._rates.chatterers(self._clock.now())),
        }

    def kpi(self) -> dict[str, Any]:
        """Return the figures by which an alarm system is judged, of the last hour and since the start (ISA-18.2, 16)."""
        now, rates = self._clock.now(), self._rates
        return {
            "last_10_min": rates.within(WINDOW_S, now),
            "last_hour": rates.within(HOUR_S, now),
            "priorities_last_hour": {str(p): count for p, count in rates.split(now).items()},
            "priorities_since_start": {str(p): rates.total.get(p, 0) for p in (1, 2, 3, 4)},
            "flood": rates.flood,
            "floods_since_start": rates.floods,
            "stale": sorted(s.id for s in self._known.values() if s.stale(now)),
            "chattering": rates.chatterers(now),
            "shelved": sorted(s.id for s in self._known.values() if s.state is AlarmState.SHELVED),
            "suppressed": sorted(s.id for s in self._known.values() if s.state is AlarmState.SUPPRESSED),
            "out_of_service": sorted(s.id for s in self._known.values() if s.state is AlarmState.OUT_OF_SERVICE),
        }

    # What comes and goes.

    def set(self, source: str, alarms: Iterable[Alarm], *, device: str | None = None) -> None:
        """Make `alarms` the present conditions of `source`; those no longer there are over.

        `device` is what they are about, where that is not the source itself.
        """
        about = source if device is None else device
        present = {f"{about or 'site'}.{alarm.name}": alarm for alarm in alarms}
        for key, alarm in present.items():
            self._come(key, source, about, alarm)
        for key, standing in list(self._known.items()):
            if standing.source == source and standing.active and key not in present:
                self._go(standing)
        if any(rule.cause in (alarm.name for alarm in present.values()) for rule in SUPPRESSIONS):
            self._suppress()

    def _come(self, key: str, source: str, device: str, alarm: Alarm) -> None:
        zone = self._places.get(device, Place()).zone
        known = self._known.get(key) or Standing(id=key, source=source, device=device, alarm=alarm, zone=zone)
        if known.active:
            if known.alarm != alarm:
                self._put(replace(known, alarm=alarm), Change("changes", CONTROLLER, alarm.text))
            return
        now = self._clock.now()
        self._rates = self._rates.changed(key, now)
        fresh = replace(known, alarm=alarm, since=self._clock.label(), came_at=now)
        why = self._suppressed_by(fresh)
        if why and fresh.state not in HIDDEN:
            self._put(step(replace(fresh, active=True), "suppress", reason=why), Change("suppress", CONTROLLER, why))
        else:
            self._put(step(fresh, "comes"), Change("comes", CONTROLLER, alarm.text))

    def _go(self, standing: Standing) -> None:
        self._rates = self._rates.changed(standing.id, self._clock.now())
        over = step(standing, "goes")
        if over.state is AlarmState.SUPPRESSED:
            over = step(over, "unsuppress")
        self._put(over, Change("goes", CONTROLLER, over.text))

    def _suppress(self) -> None:
        """Suppress what stands already and what another alarm has now come to say as well."""
        for standing in self._shown():
            if standing.active and (why := self._suppressed_by(standing)):
                self._put(step(standing, "suppress", reason=why), Change("suppress", CONTROLLER, why))

    def _suppressed_by(self, standing: Standing) -> str:
        """Name the alarm that suppresses this one by design; empty where none does."""
        if standing.alarm.priority == 1:
            return ""
        for rule in SUPPRESSIONS:
            for unit in self._places.get(standing.device, Place()).units if rule.effect == standing.alarm.name else ():
                cause = self._known.get(f"{unit}.{rule.cause}")
                if cause is not None and cause.active:
                    return said("{alarm} says it already", alarm=cause.id)
        return ""

    def tick(self) -> None:
        """Let time pass: end shelvings that are over (R36) and suppressions without a cause, and see whether a flood is over."""
        now = self._clock.now()
        for standing in list(self._known.values()):
            if standing.due is not None and now >= standing.due:
                self._put(
                    step(standing, "unshelve"), Change("unshelve", CONTROLLER, "the time of its shelving is over")
                )
        self._release()
        self._count(self._rates.at(now))

    def _release(self) -> None:
        """End suppressions that had no cause at the last tick either: a device hears a moment later that its unit is back."""
        uncaused = {s.id: s for s in self.hidden() if s.state is AlarmState.SUPPRESSED and not self._suppressed_by(s)}
        for key in (key for key in uncaused if key in self._uncaused):
            self._put(step(uncaused[key], "unsuppress"), Change("unsuppress", CONTROLLER, "what suppressed it is over"))
        self._uncaused = frozenset(uncaused)

    # What people do.

    def act(self, key: str, event: str, by: str, reason: str = "") -> Standing:
        """Acknowledge, unshelve, remove from service or return to it. Raises NoSuchAlarm, NotDone."""
        standing = self._allowed(key, event)
        after = step(standing, event, by=by, reason=reason)
        return after if after == standing else self._put(after, Change(event, by, reason))

    def shelve(self, key: str, for_s: float, by: str, reason: str) -> Standing:
        """Hide an alarm for `for_s` seconds. Raises NoSuchAlarm, NotDone, and ValueError for a time that is too long (R36)."""
        standing = self._allowed(key, "shelve")
        after = shelved(standing, self._clock.now(), for_s, self._clock.later(for_s), by=by, reason=reason)
        return self._put(after, Change("shelve", by, reason))

    def _allowed(self, key: str, event: str) -> Standing:
        standing = self._known.get(key)
        if standing is None:
            raise NoSuchAlarm(key)
        if why := refusal(standing, event):
            raise NotDone(said("{alarm}: {why}", alarm=key, why=why))
        return standing

    def restore(self, standings: Iterable[Standing]) -> None:
        """Hide again what was hidden before a restart; whether its condition stands is not known yet."""
        for standing in standings:
            self._put(standing, Change("restore", CONTROLLER, "it was hidden before the controller was restarted"))

    def _put(self, standing: Standing, change: Change) -> Standing:
        before = self._known.get(standing.id)
        if standing.state is AlarmState.NORMAL:
            self._known.pop(standing.id, None)
        else:
            self._known[standing.id] = standing
        self._told(standing, change)
        self._remind()
        if standing.state is AlarmState.UNACKNOWLEDGED and (before is None or before.state is not standing.state):
            self._count(self._rates.came(standing.alarm.priority, self._clock.now()))
        return standing

    def _remind(self) -> None:
        self._told_since += 1
        if self._told_since < REMIND_EVERY:
            return
        self._told_since = 0
        for standing in self.hidden():
            if standing.state is not AlarmState.SUPPRESSED:
                self._told(standing, Change("remind", CONTROLLER, "it is still hidden"))

    def _count(self, rates: Rates) -> None:
        before, self._rates = self._rates, rates
        if rates.flood is not before.flood:
            self._flooded(rates.flood, rates.within(WINDOW_S, self._clock.now()))
