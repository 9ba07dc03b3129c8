"""A boom barrier: a pulse latches a motion, which ends at its limit or at a stop pulse; or it obeys a code."""

from __future__ import annotations

from typing import ClassVar

from simulators.plants.base import Orders
from simulators.plants.mover import Mover
from simulators.plants.wedge import PUSH


class Boom(Mover):
    """Pulsed outputs: what counts is the edge from off to on. A code counts while it is there: 0 stop, 1 raise, 2 lower."""

    ORDERS: ClassVar[frozenset[str]] = frozenset({"raise", "lower", "stop", "command"})
    PULSES: ClassVar[frozenset[str]] = frozenset({"raise", "lower", "stop"})
    NEEDS: ClassVar[frozenset[str]] = Mover.NEEDS | {"raise", "lower"}
    """With `command` it needs no pulses, and takes none."""

    _motion = 0
    _held: frozenset[str] = frozenset()

    def direction(self, now: float, orders: Orders) -> int:
        """Latch at an edge; raise and lower on together stop it and count as a wrong."""
        if "command" in orders:
            return PUSH.get(int(orders["command"]), 0)
        held = frozenset(role for role in self.PULSES if orders.get(role))
        edges, self._held = held - self._held, held
        if {"raise", "lower"} <= held:
            if edges & {"raise", "lower"}:
                self.wrong("both-directions", "raise and lower pulses were on together: the drive stopped")
            self._motion = 0
        elif "stop" in held:
            self._motion = 0
        elif edges:
            self._motion = 1 if "raise" in edges else -1
        if all(p == (1.0 if self._motion > 0 else 0.0) for p in self.positions):
            self._motion = 0
        return self._motion

    def rest(self, orders: Orders) -> None:
        """Without power or in local mode a latched motion is forgotten, and pulses go unheard."""
        self._motion = 0
        self._held = frozenset(role for role in self.PULSES if orders.get(role))
