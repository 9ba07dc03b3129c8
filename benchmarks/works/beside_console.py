"""Orders while the console is what it may become: alone, flooded by clients, hanging, killed: in one run, to compare."""

from __future__ import annotations

from benchmarks.console import console
from benchmarks.listeners import Streams, streaming
from benchmarks.works.orders import press
from benchmarks.works.scene import Figures, Scene

CLIENTS = 200
TIMES = 4
"""How many times the orders of another work: the 99th percentile of few would be the worst of them."""


def orders_beside_console(scene: Scene) -> Figures:
    """Give orders four times, and return how much longer the slowest took than beside a console that nobody looks at."""
    scene.running.rest()
    folder = scene.stage.folder
    with console(scene.running, folder) as served:
        idle = _pressed(scene)
        where = Streams(served.port, "/events?view=site", tuple(f"Cookie: {it}" for it in served.cookies))
        with streaming(where, CLIENTS, folder) as heard:
            flooded = _pressed(scene)
            served.stop()
            stopped = _pressed(scene)
            served.go_on()
        served.kill()
        killed = _pressed(scene)
    found: dict[str, float | None] = {"idle_p99_ms": idle["p99_ms"], "events": heard()}
    found["lost"] = sum(it["lost"] or 0.0 for it in (idle, flooded, stopped, killed))
    for name, it in (("flooded", flooded), ("stopped", stopped), ("killed", killed)):
        found[f"{name}_p99_ms"] = it["p99_ms"]
        found[f"{name}_ratio"] = it["p99_ms"] / idle["p99_ms"] if it["p99_ms"] and idle["p99_ms"] else None
    return found


def _pressed(scene: Scene) -> Figures:
    figures = press(scene, range(scene.farm.count), TIMES * scene.size.orders)
    scene.running.rest()
    return figures
