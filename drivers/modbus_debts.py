"""What the units of an RTU bus still owe: answers that were given up on, and may yet come.

RTU answers carry no number. A unit answers in the order it was asked, so once it has answered something whose answer looks
like none that it owes, whatever it owed has come or never will. An answer looks like its function and length; an exception
answer like its function alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.modbus_plan import Read, Write


class Debts:
    """The shapes of owed answers by unit id, and when the unit was last asked in vain."""

    def __init__(self) -> None:
        self._shapes: dict[int, set[tuple[int, int]]] = {}
        self._since: dict[int, float] = {}

    def owe(self, unit: int, request: Read | Write, now: float) -> None:
        """Note that `unit` has not answered `request`."""
        self._shapes.setdefault(unit, set()).add(request.shape)
        self._since[unit] = now

    def owes(self, unit: int) -> bool:
        """Tell whether anything of `unit` may yet come."""
        return unit in self._shapes

    def since(self, unit: int) -> float:
        """Return when `unit` was last asked in vain."""
        return self._since[unit]

    def forgive(self, unit: int) -> None:
        """Count on nothing of `unit` that was asked before."""
        self._shapes.pop(unit, None)
        self._since.pop(unit, None)

    def probe(self, unit: int, requests: Sequence[Read]) -> Read | None:
        """Choose the request whose answer proves most; None where every one of them looks like something owed."""
        owed = self._shapes.get(unit, set())
        unlike = [request for request in requests if request.shape not in owed]
        if not unlike:
            return None
        return min(unlike, key=lambda request: (not self.proves(unit, request), request.points[0].writable))

    def proves(self, unit: int, request: Read) -> bool:
        """Tell whether even an exception answer to `request` cannot be an owed one."""
        return request.function not in {function for function, _ in self._shapes.get(unit, set())}
