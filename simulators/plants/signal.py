"""A two-lamp signal; each lamp's current is measured, so that a burnt lamp shows."""

from __future__ import annotations

from typing import ClassVar

from simulators.plants.base import Orders, Output, Still
from simulators.world import World

LAMPS = ("halt", "go")
LIGHTING_S = 0.1


class Signal(Still):
    """Outputs switch lamps; a lamp needs a moment to draw its current, or to go dark."""

    ORDERS: ClassVar[frozenset[str]] = frozenset(LAMPS)
    SAYS: ClassVar[frozenset[str]] = frozenset({"halt_lamp", "go_lamp"})
    NEEDS: ClassVar[frozenset[str]] = ORDERS

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.burnt: set[str] = set()
        self.lit = dict.fromkeys(LAMPS, False)
        self._since = dict.fromkeys(LAMPS, 0.0)
        self._switched = dict.fromkeys(LAMPS, False)

    def update(self, now: float, orders: Orders) -> Output:
        """Light and darken."""
        for lamp in LAMPS:
            on = bool(orders[lamp]) and self.power and lamp not in self.burnt
            if on != self._switched[lamp]:
                self._switched[lamp], self._since[lamp] = on, now
            if now - self._since[lamp] >= LIGHTING_S:
                self.lit[lamp] = on
        return Output({f"{lamp}_lamp": (self.lit[lamp],) for lamp in LAMPS})

    def act(self, world: World) -> None:
        """Show its lamps."""
        world.lamps[self.name] = dict(self.lit)
