"""What shows a light: a two-lamp signal, a warning beacon. Each lamp's current is measured, so that a burnt one shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from simulators.ill import Ill
from simulators.plants.base import Orders, Output, Still
from simulators.world import World

LIGHTING_S = 0.1


class Light(Still):
    """Outputs switch lamps; a lamp needs a moment to draw its current, or to go dark. A subclass says which lamps."""

    LAMPS: ClassVar[Mapping[str, str]]
    """By lamp, which is called as its output: the role that says whether it draws its current."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.burnt: set[str] = set()
        self.flickers_s: Ill[float | None] = Ill(None)
        self.shorted = Ill(False)
        self.lit = dict.fromkeys(self.LAMPS, False)
        self._since = dict.fromkeys(self.LAMPS, 0.0)
        self._switched = dict.fromkeys(self.LAMPS, False)

    def update(self, now: float, orders: Orders) -> Output:
        """Light and darken."""
        period = self.flickers_s.now
        dark = not self.power or (period is not None and bool(int(now / period) % 2))
        any_on = self.shorted.now and any(map(orders.get, self.LAMPS))
        for lamp in self.LAMPS:
            on = (any_on or bool(orders[lamp])) and not dark and lamp not in self.burnt
            if on != self._switched[lamp]:
                self._switched[lamp], self._since[lamp] = on, now
            if now - self._since[lamp] >= LIGHTING_S:
                self.lit[lamp] = on
        return Output({says: (self.lit[lamp],) for lamp, says in self.LAMPS.items()})

    def act(self, world: World) -> None:
        """Show its lamps."""
        world.lamps[self.name] = dict(self.lit)


class Signal(Light):
    """A two-lamp signal."""

    LAMPS: ClassVar[Mapping[str, str]] = {"halt": "halt_lamp", "go": "go_lamp"}
    ORDERS: ClassVar[frozenset[str]] = frozenset(LAMPS)
    SAYS: ClassVar[frozenset[str]] = frozenset(LAMPS.values())
    NEEDS: ClassVar[frozenset[str]] = ORDERS


class Beacon(Light):
    """A warning light with its buzzer."""

    LAMPS: ClassVar[Mapping[str, str]] = {"light": "lamp"}
    ORDERS: ClassVar[frozenset[str]] = frozenset(LAMPS)
    SAYS: ClassVar[frozenset[str]] = frozenset(LAMPS.values())
    NEEDS: ClassVar[frozenset[str]] = ORDERS
