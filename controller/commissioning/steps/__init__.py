"""The steps of the acceptance test, in the order of DOMAIN 6.1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from controller.commissioning.bench import Bench
from controller.commissioning.steps import (
    closing,
    emergency,
    failures,
    interlocks,
    obstruction,
    performance,
    preparation,
    wiring,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its section (631 to 638), and whether it moves steel."""

    id: str
    section: str
    run: Callable[[Bench], None]
    moves: bool = True

    @property
    def explanation(self) -> str:
        """Return the key of the text that explains it before it acts."""
        return f"step.{self.id}"


STEPS = (
    Step("preparation", "632", preparation.run, moves=False),
    Step("wiring", "633", wiring.run),
    Step("interlocks", "634", interlocks.run),
    Step("obstruction", "635", obstruction.run),
    Step("performance", "636", performance.run),
    Step("emergency", "637", emergency.run),
    Step("failures", "637", failures.run),
    Step("closing", "638", closing.run, moves=False),
)
