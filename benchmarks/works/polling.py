"""Polling: what a scan costs, whether the rate is held, and how old the data get."""

from __future__ import annotations

import time

from benchmarks.farm import Health
from benchmarks.works.scene import NOTICED_S, Figures, Scene

WARM_S = 1.0
SILENT_SHARE = 0.05
"""10 of 200."""


def poll(scene: Scene) -> Figures:
    """Measure a window of polling."""
    time.sleep(WARM_S)
    process, farm = scene.running.process, scene.farm
    farm.reset()
    used, began = process.cpu_s(), time.monotonic()
    time.sleep(scene.size.window_s)
    stats, used, took = farm.stats(), process.cpu_s() - used, time.monotonic() - began
    gap, wanted = stats["gap_ms"], farm.count * scene.stage.hz
    held = 1e5 / scene.stage.hz / gap["mean"] if gap["mean"] and wanted else None
    if gap["n"] < farm.count:
        # Hardly a device was scanned twice: how long the last scan is ago says more.
        gap = {"p50": stats["oldest_ms"], "p99": stats["oldest_ms"], "max": stats["oldest_ms"]}
        held = stats["scans"] / took / wanted * 100 if wanted else None
    return {
        "cpu_us": used / stats["scans"] * 1e6 if stats["scans"] else None,
        "cpu_percent": used / took * 100,
        "scans_per_s": stats["scans"] / took,
        # By the mean gap: the edges of a window are not sharper than one scan of each device.
        "held_percent": held,
        "age_p50_ms": gap["p50"],
        "age_p99_ms": gap["p99"],
        "age_max_ms": max(gap["max"], stats["oldest_ms"]),
        "requests_per_scan": stats["requests"] / stats["scans"] if stats["scans"] else None,
    }


def silent(scene: Scene) -> Figures:
    """Measure a window of polling while a twentieth of the devices takes connections and answers nothing."""
    farm = scene.farm
    silent = max(1, round(farm.count * SILENT_SHARE))
    farm.fall_ill(farm.count - silent, Health.SILENT, silent)
    time.sleep(NOTICED_S)
    figures = poll(scene)
    gap = figures["age_p99_ms"]
    scene.restore()
    return {**figures, "periods_p99": gap * scene.stage.hz / 1e3 if gap else None}


def start(scene: Scene) -> Figures:
    """Tell the memory after a while of polling, and how long the first scan of all devices took."""
    time.sleep(WARM_S)
    return {"pss_mb": scene.running.process.pss_mb(), "start_s": scene.start_s}
