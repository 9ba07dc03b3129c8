"""The simulated field: plants in a world, wired to the images of units, living in simulated time.

Between two orders everything advances in fixed steps, so that one seed and one sequence of orders give one history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from simulators.clock import Clock
from simulators.image import Image
from simulators.plants.base import Orders, Plant, Says
from simulators.profiles import Value
from simulators.traffic import Traffic
from simulators.world import World

STEP_S = 0.02
LONGEST_GAP_S = 10.0
"""A process that was stopped for longer than this has not lived meanwhile, and does not catch up."""
Channel = tuple[Image, str]
Channels = Mapping[str, tuple[Channel, ...]]


@dataclass(frozen=True, slots=True)
class Wired:
    """A plant and where each of its roles is wired."""

    plant: Plant
    channels: Channels
    _ordered: tuple[tuple[str, Image, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        """Find where each of its orders comes from."""
        found = ((role, *self.channels[role][0]) for role in self.plant.ORDERS if role in self.channels)
        object.__setattr__(self, "_ordered", tuple(found))

    def orders(self) -> Orders:
        """Return what the wire last wrote to it."""
        return {role: image.drives(point) for role, image, point in self._ordered}


class Field:
    """Advances the plants and the world; every write from a wire acts at its own instant."""

    def __init__(self, clock: Clock, world: World, traffic: Traffic, wired: Iterable[Wired]) -> None:
        self.clock = clock
        self.world = world
        self.traffic = traffic
        self.wired = {w.plant.name: w for w in wired}
        self._done = self._missed = 0.0
        self._said: dict[str, Says] = {}
        for w in self.wired.values():
            for channels in w.channels.values():
                for image, _ in channels:
                    image.writer = partial(self.write, image)
        self._live(0.0)

    def advance(self) -> None:
        """Let everything happen that has happened by now."""
        now = self.clock.now() - self._missed
        if now - self._done > LONGEST_GAP_S:
            self._missed += now - self._done - LONGEST_GAP_S
            now = self._done + LONGEST_GAP_S
        while self._done + STEP_S <= now:
            self._done = round(self._done + STEP_S, 6)
            self.world.now = self._done
            self.traffic.step(STEP_S)
            self._live(self._done)

    def write(self, image: Image, values: Mapping[str, Value]) -> None:
        """Take orders off a wire: what came before acts until now, they act from now on."""
        self.advance()
        image.put(values)
        self._live(self._done)

    def settle(self) -> None:
        """Let the plants notice at once what was done to them or to the world."""
        self._live(self._done)

    def _live(self, now: float) -> None:
        for w in self.wired.values():
            w.plant.sense(self.world)
            output = w.plant.update(now, w.orders())
            self._speak(w, output.says)
            for kind, detail in output.wrongs:
                self.world.violate(kind, w.plant.name, detail)
        for w in self.wired.values():
            w.plant.act(self.world)

    def _speak(self, wired: Wired, says: Says) -> None:
        """Put what a plant says on its channels, where it says something new."""
        last = self._said.get(wired.plant.name, {})
        if says == last:
            return
        for role, values in says.items():
            if role in wired.channels and last.get(role) != values:
                channels = wired.channels[role]
                for (image, point), value in zip(channels, _spread(values, len(channels)), strict=True):
                    image.put({point: value})
        self._said[wired.plant.name] = says


def _spread(values: tuple[Value, ...], channels: int) -> tuple[Value, ...]:
    """Return one value a channel; a single channel for several members is their contacts in series."""
    if channels == 1 and len(values) > 1:
        return (all(values),)
    return values
