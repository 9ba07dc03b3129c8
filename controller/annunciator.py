"""The alarms that stand: what a person must know of until it is over and acknowledged (ISA-18.2 states A to D).

An alarm is a condition of a device or of the site. It comes when its condition does, stays unacknowledged until somebody says to
have seen it, and leaves when the condition is over and it has been seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from controller.core.device import Alarm


class AlarmState(StrEnum):
    """Where an alarm stands (ISA-18.2)."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED_UNACKNOWLEDGED = "returned-unacknowledged"


@dataclass(frozen=True, slots=True)
class Standing:
    """One alarm that stands; `device` is "" for the site, `since` RFC 3339 UTC."""

    id: str
    device: str
    alarm: Alarm
    state: AlarmState
    since: str
    by: str = ""


Told = Callable[[Standing], None]


class Annunciator:
    """The list of standing alarms; `told` hears every change of one of them."""

    def __init__(self, utc: Callable[[], str], told: Told) -> None:
        self._utc, self._told = utc, told
        self._standing: dict[str, Standing] = {}

    def standing(self) -> list[Standing]:
        """Return the alarms that stand: live ones before those that are over, then by priority, then newest first."""
        newest = sorted(self._standing.values(), key=lambda s: s.since, reverse=True)
        return sorted(newest, key=lambda s: (s.state is AlarmState.RETURNED_UNACKNOWLEDGED, s.alarm.priority))

    def set(self, device: str, alarms: Iterable[Alarm]) -> None:
        """Make `alarms` the present conditions of `device`; those no longer there have returned to normal."""
        present = {_id(device, alarm.name): alarm for alarm in alarms}
        for key, alarm in present.items():
            self._come(key, device, alarm)
        for key, standing in list(self._standing.items()):
            if standing.device == device and key not in present:
                self._go(key, standing)

    def acknowledge(self, key: str, by: str) -> Standing | None:
        """Record that `by` has seen the alarm; None where no such alarm stands."""
        standing = self._standing.get(key)
        if standing is None:
            return None
        if standing.state is AlarmState.UNACKNOWLEDGED:
            return self._put(replace(standing, state=AlarmState.ACKNOWLEDGED, by=by))
        if standing.state is AlarmState.RETURNED_UNACKNOWLEDGED:
            return self._put(replace(standing, state=AlarmState.NORMAL, by=by))
        return standing

    def _come(self, key: str, device: str, alarm: Alarm) -> None:
        standing = self._standing.get(key)
        active = (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)
        if standing is None or standing.state not in active:
            self._put(Standing(key, device, alarm, AlarmState.UNACKNOWLEDGED, self._utc()))
        elif standing.alarm != alarm:
            self._put(replace(standing, alarm=alarm))

    def _go(self, key: str, standing: Standing) -> None:
        if standing.state is AlarmState.UNACKNOWLEDGED:
            self._put(replace(standing, state=AlarmState.RETURNED_UNACKNOWLEDGED))
        elif standing.state is AlarmState.ACKNOWLEDGED:
            self._put(replace(standing, state=AlarmState.NORMAL))

    def _put(self, standing: Standing) -> Standing:
        if standing.state is AlarmState.NORMAL:
            del self._standing[standing.id]
        else:
            self._standing[standing.id] = standing
        self._told(standing)
        return standing


def _id(device: str, name: str) -> str:
    return f"{device or 'site'}.{name}"
