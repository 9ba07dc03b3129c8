"""A group of hydraulic bollards: moves while an output is held, holds its position otherwise."""

from __future__ import annotations

from typing import ClassVar

from simulators.plants.base import Orders
from simulators.plants.mover import Mover


class Bollards(Mover):
    """Held outputs. Raise and lower together trip the drive until both are off."""

    ORDERS: ClassVar[frozenset[str]] = frozenset({"raise", "lower"})
    NEEDS: ClassVar[frozenset[str]] = Mover.NEEDS | ORDERS

    _tripped = False

    def direction(self, now: float, orders: Orders) -> int:
        """Push while exactly one output is on."""
        up, down = bool(orders["raise"]), bool(orders["lower"])
        if up and down and not self._tripped:
            self._tripped = True
            self.wrong("both-directions", "raise and lower were on together: the drive tripped")
        if not up and not down:
            self._tripped = False
        return 0 if self._tripped else up - down

    def rest(self, orders: Orders) -> None:
        """A held output that is still on afterwards acts again, so nothing is remembered."""
