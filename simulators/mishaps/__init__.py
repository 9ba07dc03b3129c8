"""Misfortune of points and equipment: done at once, undone by what it returns. `table` has every kind there is."""

from __future__ import annotations

from collections.abc import Mapping

from simulators.build import Built
from simulators.mishaps.common import Mishap, Undo
from simulators.mishaps.drives import DRIVE_KINDS
from simulators.mishaps.kinds import Options
from simulators.mishaps.points import POINT_KINDS
from simulators.mishaps.sensing import SENSING_KINDS
from simulators.mishaps.street import STREET_KINDS
from simulators.mishaps.table import TABLE

PLANT_KINDS: Mapping[str, Mishap] = {**POINT_KINDS, **DRIVE_KINDS, **SENSING_KINDS, **STREET_KINDS}
"""The kinds that befall neither answers nor servers."""

__all__ = ["PLANT_KINDS", "TABLE", "Undo", "strike"]


def strike(kind: str, target: str, options: Options, built: Built) -> Undo:
    """Let `kind` happen to `target`. Raises SimulationError that says what was expected."""
    return PLANT_KINDS[kind](target, TABLE[kind].filled(options), built)
