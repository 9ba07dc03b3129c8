"""Proofs that are seen in the world: where steel is, and how vehicles drive, whatever any wire says."""

from __future__ import annotations

from collections.abc import Callable

from simulators.plants.mover import Mover
from tests.simulators.support import Stage
from tests.simulators.troubles.proof import SteelProof

BOLLARDS = "albert-bollards"


def pushed(
    start: float, for_s: float = 0.9, then_s: float = 0.9, **outputs: bool
) -> Callable[[Stage], tuple[float, ...]]:
    """See where the bollards are that stood at `start`, after outputs were on for a time and off for another."""

    def see(stage: Stage) -> tuple[float, ...]:
        bollards = stage.field.wired[BOLLARDS].plant
        assert isinstance(bollards, Mover)
        bollards.positions = [start] * bollards.members
        stage.write("albert-io", **outputs)
        stage.run(for_s)
        stage.write("albert-io", do0=False, do1=False)
        stage.run(then_s)
        return tuple(round(place, 2) for place in stage.world.steel[BOLLARDS])

    return see


def speed_after_5_s(stage: Stage) -> tuple[bool, bool]:
    """See whether a vehicle that began at 36 km/h goes faster than 50, in the street and on the radar."""
    stage.world.vehicles.clear()
    stage.field.traffic.send("albert", 36)
    fast = [(False, False)]
    for _ in range(20):
        stage.run(0.25)
        (vehicle,) = stage.world.vehicles.values()
        fast.append((vehicle.speed_mps * 3.6 > 50, stage.read("albert-radar", "speed") > 50))
    stage.world.vehicles.clear()
    return max(fast)


def beyond_the_line(stage: Stage) -> bool:
    """See whether a vehicle drives past the stop line of a signal that does not show go."""
    stage.world.vehicles.clear()
    vehicle = stage.field.traffic.send("albert", 40)
    stage.run(14)
    stage.world.vehicles.clear()
    return vehicle.front_m > 70


UP = pushed(0.0, do0=True)
RAISED_SO_FAR = (0.2, 0.19, 0.21)
AT_HALF = pushed(0.5)
HALF = (0.5, 0.5, 0.5)

STEEL_PROOFS = {
    "jam": SteelProof(BOLLARDS, UP, RAISED_SO_FAR, (0.2, 0.0, 0.21), {"member": 1}),
    "weak": SteelProof(BOLLARDS, UP, RAISED_SO_FAR, (0.1, 0.1, 0.1), {"part": 0.5}),
    "halfway": SteelProof(BOLLARDS, UP, RAISED_SO_FAR, (0.15, 0.15, 0.15), {"at": 0.15}),
    "coast": SteelProof(BOLLARDS, UP, RAISED_SO_FAR, (0.3, 0.29, 0.31), {"seconds": 0.45}),
    "reversed": SteelProof(BOLLARDS, pushed(0.5, do0=True), (0.7, 0.69, 0.71), (0.3, 0.31, 0.29)),
    "sink": SteelProof(BOLLARDS, AT_HALF, HALF, (0.41, 0.41, 0.41), {"per_s": 0.05}),
    "self-start": SteelProof(BOLLARDS, AT_HALF, HALF, (0.9, 0.89, 0.92)),
    "release": SteelProof(BOLLARDS, pushed(0.5, 0.9, 0.0, do0=True), (0.7, 0.69, 0.71), (0.3, 0.31, 0.29)),
    "pushed": SteelProof(BOLLARDS, UP, RAISED_SO_FAR, (0.05, 0.05, 0.05), {"to": 0.05}),
    "speeding": SteelProof("albert", speed_after_5_s, (False, False), (True, True)),
    "reckless": SteelProof("albert", beyond_the_line, False, True),
}
