"""Where simulation.yaml puts things: everything within its lane, and every loop from its near end to its far one."""

from __future__ import annotations

from collections.abc import Iterator

from simulators import schema
from simulators.located import Mistake


def mistakes(plan: schema.Simulation) -> Iterator[Mistake]:
    """Return what cannot stand where it is said to stand."""
    for name, lane in plan.lanes.items():
        if lane.stop_line_m is not None:
            yield from _within(("lanes", name, "stop_line_m"), lane.stop_line_m, name, lane)
    for name, plant in plan.plants.items():
        match plant:
            case schema.LoopPlant():
                yield from _loop(("plants", name, "to_m"), plant, plan)
            case schema.MoverPlant() | schema.RadarPlant() if plant.lane in plan.lanes:
                yield from _within(("plants", name, "at_m"), plant.at_m, plant.lane, plan.lanes[plant.lane])


def _loop(at: tuple[str, ...], loop: schema.LoopPlant, plan: schema.Simulation) -> Iterator[Mistake]:
    if not loop.from_m < loop.to_m:
        yield Mistake(at, f"{loop.to_m:g} m is not beyond from_m, {loop.from_m:g} m: expected from_m < to_m")
    elif loop.lane in plan.lanes:
        yield from _within(at, loop.to_m, loop.lane, plan.lanes[loop.lane])


def _within(at: tuple[str, ...], metres: float, name: str, lane: schema.LaneEntry) -> Iterator[Mistake]:
    if metres > lane.length_m:
        text = f"{metres:g} m is beyond the end of lane {name}, {lane.length_m:g} m: expected a place in the lane"
        yield Mistake(at, f"{text}, or a longer lane (length_m)")
