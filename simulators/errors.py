"""What goes wrong before or beside the simulation: a bad site folder, a bad request."""

from __future__ import annotations


class SimulationError(Exception):
    """The simulation cannot be built or asked so; the text says where, what, and what was expected."""
