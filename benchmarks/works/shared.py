"""Wires that many units share: a gateway, and a serial line that takes its time."""

from __future__ import annotations

import time

from benchmarks.contenders.base import RAISE
from benchmarks.farm import Health
from benchmarks.figures import quantile
from benchmarks.works.orders import EVERY_S, LAST_S, Sent, arrived, press
from benchmarks.works.polling import poll
from benchmarks.works.scene import NOTICED_S, Figures, Scene

EMERGENCIES = 12


def gateway(scene: Scene) -> Figures:
    """Measure polling flat out through a gateway: a cycle is one scan of every unit."""
    figures = poll(scene)
    per_scan = figures["requests_per_scan"]
    # To the tenth: a window cuts through a scan at both ends.
    return {
        **figures,
        "cycle_ms": figures["age_p50_ms"],
        "requests_per_cycle": round(per_scan, 1) * scene.farm.count if per_scan else None,
    }


def bus(scene: Scene) -> Figures:
    """Measure the cycle of a serial line, orders and emergencies on it, and the cycle beside a unit that is silent."""
    farm, running = scene.farm, scene.running
    polled = poll(scene)
    running.rest()
    pressed = press(scene, range(farm.count), scene.size.orders)
    running.rest()
    farm.reset()
    sent = []
    for device in range(min(EMERGENCIES, farm.count)):
        sent.append(Sent(running.emergency(device), device, RAISE))
        time.sleep(EVERY_S)
    urgent = [it for it in arrived(scene, sent, LAST_S) if it is not None]
    running.rest()
    farm.fall_ill(0, Health.SILENT)
    time.sleep(NOTICED_S)
    beside = poll(scene)
    scene.restore()
    return {
        **pressed,
        "cycle_ms": polled["age_p50_ms"],
        "cycle_p99_ms": polled["age_p99_ms"],
        "urgent_p50_ms": quantile(urgent, 0.5) if urgent else None,
        "urgent_max_ms": max(urgent, default=None),
        "urgent_lost": len(sent) - len(urgent),
        "beside_silent_p50_ms": beside["age_p50_ms"],
        "beside_silent_p99_ms": beside["age_p99_ms"],
        "beside_silent_max_ms": beside["age_max_ms"],
    }
