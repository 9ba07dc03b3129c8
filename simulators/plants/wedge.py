"""A road blocker behind its own PLC: one command code, 0 stop, 1 raise, 2 lower."""

from __future__ import annotations

from typing import ClassVar

from simulators.plants.base import Orders
from simulators.plants.mover import Mover

PUSH = {0: 0, 1: 1, 2: -1}


class Wedge(Mover):
    """Follows the code that its PLC holds; an unknown code stops it."""

    ORDERS: ClassVar[frozenset[str]] = frozenset({"command"})
    NEEDS: ClassVar[frozenset[str]] = Mover.NEEDS | ORDERS

    def direction(self, now: float, orders: Orders) -> int:
        """Push as the code says."""
        return PUSH.get(int(orders["command"]), 0)
