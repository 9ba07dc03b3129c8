"""Where things are, whatever the controller thinks: what the simulators' world showed at one instant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulators.testing.errors import Mistake


@dataclass(frozen=True, slots=True)
class World:
    """One look at the street. `violations`: what must never happen, and did since the test began.

    `simulated` is asked before one thing is told of, and skips the test where that is real: nobody here knows where it is.
    """

    seen: Mapping[str, Any]
    violations: Sequence[Mapping[str, Any]]
    simulated: Callable[[str], None]

    def steel(self, device: str) -> tuple[float, ...]:
        """Return where each member of a mover stands: 0 lowered to 1 raised. Raises Mistake."""
        return tuple(float(at) for at in self._of("steel", device))

    def secured(self, device: str) -> bool:
        """Tell whether the steel of a mover blocks the way. Raises Mistake."""
        return bool(self._of("secured", device))

    def occupied(self, loop: str) -> bool:
        """Tell whether a vehicle is over a loop. Raises Mistake."""
        return bool(self._of("loops", loop))

    def lamps(self, device: str) -> Mapping[str, bool]:
        """Return which lamps of a signal or beacon are lit. Raises Mistake."""
        lit: Mapping[str, bool] = self._of("lamps", device)
        return lit

    @property
    def vehicles(self) -> Sequence[Mapping[str, Any]]:
        """Return every vehicle: name, lane, front_m, length_m, kmh, parked."""
        return list(self.seen["vehicles"])

    def _of(self, what: str, name: str) -> Any:
        __tracebackhide__ = True
        known = self.seen[what]
        if name not in known:
            raise Mistake(f"the world has no {what} of {name!r}: expected one of {', '.join(known) or '(none)'}")
        self.simulated(name)
        return known[name]
