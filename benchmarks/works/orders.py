"""Orders: from just before the request is handed to the socket to the arrival of the first frame at the device."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import gcd

from benchmarks.contenders.base import LOWER, RAISE
from benchmarks.farm import ILL, Arrival, Health
from benchmarks.figures import quantile
from benchmarks.listeners import listening
from benchmarks.works.scene import Figures, Scene

EVERY_S = 0.1
LAST_S = 2.0
"""How long an order may take before it counts as lost."""
STREAMS = 50

HUNG_S, LONG_HUNG_S = 0.3, 3.0
"""How long reads have hung when the order comes: within the patience of any client, and long past it."""
HUNG = 10
GIVEN_UP_S = 14.0
"""How long the most patient client, that of pymodbus, takes to give up its reads and send the order."""
FORGOTTEN_S = 20.0
"""After which a frame is that of a later order to the same coil: nobody takes so long, and a turn of all devices takes longer."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An order: when it was sent (CLOCK_MONOTONIC, ns), to which device, and the coil that it must switch on there."""

    at: int
    device: int
    coil: int


def latencies_ms(sent: Iterable[Sent], arrivals: Iterable[Arrival]) -> list[float | None]:
    """Return for each order how long its first frame took, None where it never came; no frame serves two orders."""
    frames: dict[tuple[int, int], list[int]] = defaultdict(list)
    for arrival in arrivals:
        for coil in (RAISE, LOWER):
            if arrival.switches_on(coil):
                frames[arrival.device, coil].append(arrival.at)
    found: list[float | None] = []
    for order in sent:
        queue = frames[order.device, order.coil]
        while queue and queue[0] < order.at:
            queue.pop(0)
        came = bool(queue) and queue[0] < order.at + FORGOTTEN_S * 1e9
        found.append((queue.pop(0) - order.at) / 1e6 if came else None)
    return found


def in_turn(devices: Sequence[int], count: int) -> list[tuple[int, int]]:
    """Return `count` orders, device and coil: devices far apart follow each other, and each goes up and down in turn."""
    stride = next(n for n in range(max(1, len(devices) // 3), 2 * len(devices) + 2) if gcd(n, len(devices)) == 1)
    visits = [divmod(k, len(devices)) for k in range(count)]
    return [(devices[k * stride % len(devices)], RAISE if turn % 2 == 0 else LOWER) for turn, k in visits]


def press(scene: Scene, devices: Sequence[int], count: int) -> Figures:
    """Give `count` orders at a steady pace, whatever becomes of them, and measure each."""
    farm, running = scene.farm, scene.running
    farm.reset()
    refused, sent, due = running.refused, [], time.monotonic()
    for device, coil in in_turn(devices, count):
        time.sleep(max(0.0, due - time.monotonic()))
        sent.append(Sent(running.order(device, coil), device, coil))
        due += EVERY_S
    latencies = arrived(scene, sent, LAST_S)
    return summary(latencies, running.refused - refused)


def arrived(scene: Scene, sent: Sequence[Sent], within_s: float) -> list[float | None]:
    """Wait until every order has arrived, or its time is over, take in the answers, and return how long each took."""
    deadline = time.monotonic() + max(within_s, scene.running.patience_s)
    while None in latencies_ms(sent, scene.farm.arrivals()) and time.monotonic() < deadline:
        scene.running.settle()
        time.sleep(EVERY_S)
    scene.running.settle(LAST_S)
    return latencies_ms(sent, scene.farm.arrivals())


def summary(latencies: Sequence[float | None], refused: int) -> Figures:
    """Return the quantiles of the orders that came, and how many did not; a refused one is not lost."""
    came = [it for it in latencies if it is not None]
    return {
        "orders": len(latencies),
        "lost": max(0, len(latencies) - len(came) - refused),
        "refused": refused,
        "p50_ms": quantile(came, 0.5) if came else None,
        "p99_ms": quantile(came, 0.99) if came else None,
        "max_ms": max(came, default=None),
    }


def orders(scene: Scene) -> Figures:
    """Give orders to healthy devices."""
    scene.running.rest()
    figures = press(scene, range(scene.farm.count), scene.size.orders)
    scene.running.rest()
    return figures


def orders_beside_dead(scene: Scene, kinds: tuple[Health, ...] = ILL) -> Figures:
    """Give orders to the devices that live, while others are dead in these ways in turn."""
    scene.running.rest()
    figures = press(scene, scene.kill(kinds), scene.size.orders)
    scene.restore()
    return figures


def orders_beside_streams(scene: Scene) -> Figures:
    """Give orders while fifty clients listen to the event stream."""
    scene.running.rest()
    with listening(scene.running, STREAMS, scene.stage.folder) as heard:
        figures = press(scene, range(scene.farm.count), scene.size.orders)
    scene.running.rest()
    return {**figures, "events": heard()}


def orders_to_hung(scene: Scene) -> Figures:
    """Give each of ten devices an order a moment after its reads have begun to hang; it still takes writes."""
    scene.running.rest()
    figures = _hung(scene, HUNG_S, urgent=False)
    scene.restore()
    return figures


def emergencies_to_hung(scene: Scene) -> Figures:
    """Give each of ten devices an emergency order long after its reads have begun to hang."""
    scene.running.rest()
    figures = _hung(scene, LONG_HUNG_S, urgent=True)
    scene.restore()
    return figures


def _hung(scene: Scene, after_s: float, *, urgent: bool) -> Figures:
    farm, running = scene.farm, scene.running
    farm.reset()
    refused, sent = running.refused, []
    devices = range(0, farm.count, max(1, farm.count // HUNG))[:HUNG]
    for device in devices:
        farm.fall_ill(device, Health.WRITES_ONLY)
        time.sleep(after_s)
        at = running.emergency(device) if urgent else running.order(device, RAISE)
        sent.append(Sent(at, device, RAISE))
    latencies = arrived(scene, sent, GIVEN_UP_S)
    return summary(latencies, running.refused - refused)
