"""What a subscription has told so far: publications in, readings out. Pure but for asyncua's types.

A publication lists what has changed; that it lists nothing of a point is the server's word that the point has not (Part 4,
5.13.1). So each publication, a keep-alive too, makes every point known as young as the server's revised sampling interval
(R33), and no younger. Nothing else does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from asyncua import ua

from controller.core.readings import Quality, Reading, Readings, bad
from controller.ports import Point
from drivers.opcua_errors import name_of
from drivers.outcomes import NoConnection, Unfit
from drivers.values import engineering

LAST_NUMBER = 2**32 - 1


def reading_of(value: ua.DataValue | None, point: Point, taken: float) -> Reading:
    """Judge what a server gave for a point: bad status, no value or the wrong type is a reading of bad quality."""
    status = None if value is None else value.StatusCode
    if value is None or value.Value is None or (status is not None and status.is_bad()):
        return bad(taken)
    try:
        usable = engineering(value.Value.Value, point)
    except ValueError:
        return bad(taken)
    return Reading(usable, Quality.UNCERTAIN if status is not None and status.is_uncertain() else Quality.GOOD, taken)


class Picture:
    """Points by client handle, and the last reading of each."""

    def __init__(self, points: Sequence[Point], sampling_s: Sequence[float], statuses: Sequence[ua.StatusCode]) -> None:
        self._points, self._sampling_s = points, sampling_s
        # What the server will not watch stays bad.
        self._dead = {point.name for point, status in zip(points, statuses, strict=True) if status.is_bad()}
        self._known: dict[str, Reading] = {}
        self._number: int | None = None

    def take(self, publication: ua.PublishResult, arrived: float) -> list[Readings]:
        """Return what there is to hand over, oldest first: the last is everything known. Raises NoConnection, Unfit."""
        steps: list[dict[str, Reading]] = [{}]
        for item in self._changes(publication.NotificationMessage):
            if not 0 <= item.ClientHandle < len(self._points):
                continue
            point = self._points[item.ClientHandle]
            if point.name in steps[-1]:
                steps.append({})
            steps[-1][point.name] = reading_of(item.Value, point, arrived)
        changed = {name: reading for step in steps for name, reading in step.items()}
        if not publication.MoreNotifications:
            self._confirm(arrived)
        self._known |= changed
        return [*steps[:-1], dict(self._known)]

    def _confirm(self, arrived: float) -> None:
        for point, sampling_s in zip(self._points, self._sampling_s, strict=True):
            if point.name in self._dead:
                self._known[point.name] = bad(arrived)
            elif (reading := self._known.get(point.name)) is not None:
                self._known[point.name] = replace(reading, taken=max(reading.taken, arrived - sampling_s))

    def _changes(self, message: ua.NotificationMessage) -> list[ua.MonitoredItemNotification]:
        data = message.NotificationData or []
        if data:
            self._count(int(message.SequenceNumber))
        for part in data:
            if isinstance(part, ua.StatusChangeNotification) and part.Status.is_bad():
                raise NoConnection(f"the server has ended the subscription: {name_of(part.Status.value)}")
        return [item for part in data if isinstance(part, ua.DataChangeNotification) for item in part.MonitoredItems]

    def _count(self, number: int) -> None:
        last, self._number = self._number, number
        # Part 4, 7.37: the number rolls over to 1.
        if last is not None and number != (1 if last == LAST_NUMBER else last + 1):
            # What is known may be out of date without a sign of it.
            raise Unfit(f"publication {number} came after {last}")
