"""Points that are read together over and over: laid out as requests once, and decoded only where an answer differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from controller.core.readings import Value
from controller.ports import Point
from drivers.modbus_pdu import bytes_of, raw_of
from drivers.modbus_plan import plan_reads


class Scan:
    """The requests that read some points of a unit, and what they gave last."""

    def __init__(self, points: tuple[Point, ...], gap: int) -> None:
        """Raises ValueError for a point that is not readable over Modbus."""
        self.points = points
        self.requests = plan_reads(points, gap)
        self.pdus = tuple(bytes_of(request) for request in self.requests)
        self._answers: list[bytes] = [b""] * len(self.requests)
        self._found: Mapping[str, Value | None] = {}

    def found(self, answers: Sequence[bytes]) -> Mapping[str, Value | None]:
        """Return the value of each point by the PDUs that came; the very same mapping as the last time if nothing differs."""
        if answers != self._answers:
            found = dict(self._found)
            for request, answer, last in zip(self.requests, answers, self._answers, strict=True):
                if answer != last:
                    found.update(request.values(raw_of(request, answer)))
            self._answers, self._found = list(answers), found
        return self._found


MOST = 1024
"""How many scans are kept: one for each unit that is polled, and some that are used once."""


class Scans:
    """The scans of a link, by the very tuple of points: who polls hands over the same one each time."""

    def __init__(self) -> None:
        self._scans: dict[int, Scan] = {}

    def of(self, points: tuple[Point, ...], gap: int) -> Scan:
        """Return the scan of `points`. Raises ValueError as `Scan` does."""
        scan = self._scans.get(id(points))
        # A scan keeps its points, so that while it is here no other tuple has their id.
        if scan is None:
            if len(self._scans) >= MOST:
                self._scans.clear()
            scan = self._scans[id(points)] = Scan(points, gap)
        return scan
