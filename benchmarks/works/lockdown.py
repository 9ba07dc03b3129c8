"""Lockdown: one order, and the last frame of all that follow from it."""

from __future__ import annotations

import time

from benchmarks.contenders.base import RAISE
from benchmarks.farm import Farm
from benchmarks.figures import quantile
from benchmarks.works.scene import Figures, Scene

WITHIN_S = 10.0
"""How long the last device is waited for."""
LOOK_S = 0.1


def lockdown(scene: Scene) -> Figures:
    """Lock every device down."""
    scene.running.rest()
    return _locked_down(scene, set(range(scene.farm.count)))


def lockdown_beside_dead(scene: Scene) -> Figures:
    """Lock every device down while nearly a third of them is dead; only those that live count."""
    scene.running.rest()
    alive = set(scene.kill())
    # One only: what is dead cannot be brought back to rest in between.
    figures = _once(scene, alive)
    scene.restore()
    return figures


def _locked_down(scene: Scene, alive: set[int]) -> Figures:
    taken: list[Figures] = []
    for _ in range(scene.size.lockdowns):
        taken.append(_once(scene, alive))
        scene.running.rest()
    last = [it["last_ms"] for it in taken]
    return {
        "last_ms": quantile([it for it in last if it is not None], 0.5) if None not in last else None,
        "p50_ms": taken[-1]["p50_ms"],
        "missed": max(it["missed"] or 0 for it in taken),
    }


def _once(scene: Scene, alive: set[int]) -> Figures:
    farm, running = scene.farm, scene.running
    farm.reset()
    sent = running.order_all()
    deadline = time.monotonic() + WITHIN_S
    while len(arrived := _first(farm, alive)) < len(alive) and time.monotonic() < deadline:
        time.sleep(LOOK_S)
    running.settle(WITHIN_S)
    took = [(at - sent) / 1e6 for at in arrived.values()]
    missed = len(alive) - len(took)
    return {"last_ms": None if missed else max(took), "p50_ms": quantile(took, 0.5) if took else None, "missed": missed}


def _first(farm: Farm, alive: set[int]) -> dict[int, int]:
    """Return when each living device got its first order to rise."""
    first: dict[int, int] = {}
    for arrival in farm.arrivals():
        if arrival.device in alive and arrival.switches_on(RAISE):
            first.setdefault(arrival.device, arrival.at)
    return first
