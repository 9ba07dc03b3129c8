"""Which of a site's wires something hangs on, by simulation.yaml: on a bench, only what is simulated can be broken on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulators.profiles import read_yaml

SIMULATION = "simulation.yaml"
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wires:
    """The names of a simulation file, and the links behind them."""

    plan: Table

    @classmethod
    def of(cls, site: Path) -> Wires:
        """Read the site's file; there may be none."""
        file = site / SIMULATION
        plan = read_yaml(file) if file.is_file() else {}
        return cls(plan if isinstance(plan, dict) else {})

    def behind(self, name: str) -> set[str]:
        """Return the links that a link, unit, point, plant, signal of a plant or supply hangs on; none if unknown.

        One name may mean several of these: then it is all of their links.
        """
        found = {name} if name in self._table("links") else set()
        if supply := self._table("supplies").get(name):
            found |= self._plants([*supply.get("feeds", ()), supply.get("mains"), supply.get("battery")])
        # A name may have dots of its own: `unit.point` is sought from its longest beginning.
        parts = name.split(".")
        for head in (".".join(parts[:end]) for end in range(len(parts), 0, -1)):
            unit, plant = self._table("units").get(head), self._table("plants").get(head)
            if unit or plant:
                return found | self._plants([head]) | ({str(unit["link"])} if unit else set())
        return found

    def along(self, lane: str) -> set[str]:
        """Return the links that everything in a lane hangs on; none if unknown."""
        return self._plants(name for name, row in self._table("plants").items() if row.get("lane") == lane)

    def _plants(self, names: Iterable[str | None]) -> set[str]:
        rows = [self._table("plants").get(name, {}) for name in names if name is not None]
        wired = [channel for row in rows for channel in row.get("channels", {}).values()]
        channels = [one for channel in wired for one in (channel if isinstance(channel, list) else [channel])]
        units = self._table("units")
        return {str(row["link"]) for unit, row in units.items() if any(c.startswith(f"{unit}.") for c in channels)}

    def _table(self, name: str) -> Table:
        found: Table = self.plan.get(name) or {}
        return found
