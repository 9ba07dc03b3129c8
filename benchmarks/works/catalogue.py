"""Every work that there is, and the figures of each that are shown and judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from benchmarks.contenders import ASYNCUA, PAHO, PEERS, REFERENCE
from benchmarks.farm import ILL, Layout
from benchmarks.site import SLOWEST_HZ
from benchmarks.works.beside_console import orders_beside_console
from benchmarks.works.journal import journal
from benchmarks.works.lockdown import lockdown, lockdown_beside_dead
from benchmarks.works.orders import (
    emergencies_to_hung,
    orders,
    orders_beside_dead,
    orders_beside_streams,
    orders_to_hung,
)
from benchmarks.works.polling import poll, silent, start
from benchmarks.works.pushed import mqtt, opcua
from benchmarks.works.scene import Apart, Figures, Scene, Work
from benchmarks.works.shared import bus, gateway

SERVICE = ("rempart/asyncio", "rempart/uvloop")
BESIDE = (*SERVICE, REFERENCE)
ALL_BESIDE = (*BESIDE, *PEERS)
GROWTH = (10, 50, 200, 500, 1000)
ORDERS_HZ = 5.0


def grow(scene: Scene) -> Figures:
    """Measure polling, orders, memory and start with some number of devices."""
    polled = poll(scene)
    pressed = orders(scene)
    return {**polled, **start(scene), **pressed}


_ALL: tuple[Work | Apart, ...] = (
    Work("poll-flat", "poll, flat out", 0, poll),
    Work("poll-10", "poll, 10 Hz", 10, poll),
    Work("start", "start and memory", ORDERS_HZ, start),
    Work("poll-5", "poll, 5 Hz", ORDERS_HZ, poll, long=True),
    Work("orders", "orders", ORDERS_HZ, orders),
    Work("lockdown", "lockdown", ORDERS_HZ, lockdown),
    Work("orders-streams", "orders, 50 streams", ORDERS_HZ, orders_beside_streams, who=SERVICE),
    Work("orders-console", "orders, console in trouble", ORDERS_HZ, orders_beside_console, who=SERVICE),
    Work("orders-dead", "orders, 30 % dead", ORDERS_HZ, orders_beside_dead, who=ALL_BESIDE),
    Work("lockdown-dead", "lockdown, 30 % dead", ORDERS_HZ, lockdown_beside_dead, who=ALL_BESIDE),
    Work("silent", "5 % silent", ORDERS_HZ, silent, who=ALL_BESIDE),
    Work("hung", "order, reads hang", ORDERS_HZ, orders_to_hung, who=ALL_BESIDE),
    Work("hung-long", "emergency, reads long hung", ORDERS_HZ, emergencies_to_hung, who=BESIDE, long=True),
    *(
        Work(
            f"orders-{kind.name.lower().replace('_', '-')}", f"orders, 30 % {kind.name.lower().replace('_', '-')}",
            ORDERS_HZ, partial(orders_beside_dead, kinds=(kind,)), who=BESIDE, long=True,
        )
        for kind in ILL
    ),
    Work("gateway", "gateway, 32 units", 0, gateway, devices=32, long=True, layout=Layout.GATEWAY),
    Work("bus", "serial line, 16 units", 0, bus, devices=16, long=True, layout=Layout.BUS),
    Work("poll-2.5", "poll, 2.5 Hz", SLOWEST_HZ, poll, long=True),
    *(Work(f"growth-{n}", f"{n} devices", ORDERS_HZ, grow, who=BESIDE, devices=n, long=True) for n in GROWTH),
    Apart("opcua", "OPC UA, 1,000 items", opcua, (*SERVICE, ASYNCUA)),
    Apart("mqtt", "MQTT, 1,000 messages a second", mqtt, (*SERVICE, PAHO)),
    Apart("journal", "journal, 10,000 records a minute", journal, SERVICE),
)  # fmt: skip
WORKS: Mapping[str, Work | Apart] = {it.name: it for it in _ALL}


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure of a work that is shown, and what it is to reach; with `to` the ratio to that is judged in place of the value.

    `to` is a reference, or the name of a work of the same contender. At most `most`, at least `least`; neither: only shown.
    """

    work: str
    figure: str
    title: str
    to: str = ""
    most: float | None = None
    least: float | None = None

    def reached(self, value: float | None) -> bool | None:
        """Tell whether a value is good enough; None where nothing is asked, or nothing was measured."""
        if value is None or (self.most is None and self.least is None):
            return None
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)


QUESTIONS = {
    "show": "journal show",
    "last": "last 100",
    "page": "1000 after one",
    "device": "100 of a device",
    "device_after": "of a device after one",
    "kind": "100 of a kind",
    "both": "of device and kind",
    "both_rare": "of device, rare kind",
    "neither": "of both, none there",
    "rare": "1000 of a rare kind",
    "command": "an order",
    "unused": "an order, not there",
}
"""What is asked of the journal (`benchmarks/records/ask.py`)."""

IN_FLIGHT_MS = 14.0
"""One exchange on the line: 8 bytes out, 7 back at 19200 baud, 3.5 characters of silence twice, 1 ms of thinking."""
MORE = 1.2
"""How much more an order may take beside dead devices or many streams."""

CONSOLE_MORE = 1.5
"""How much more it may take beside a console that is flooded, hangs or was killed."""

GOALS = (
    Goal("poll-flat", "cpu_us", "CPU per scan, flat out, µs", to=REFERENCE, most=0.5),
    Goal("poll-flat", "scans_per_s", "scans per second, flat out", to=REFERENCE),
    Goal("poll-10", "cpu_us", "CPU per scan, 10 Hz, µs", to=REFERENCE, most=0.5),
    Goal("poll-10", "held_percent", "rate held, 10 Hz, %", least=99.9),
    Goal("poll-10", "age_p50_ms", "age of data, 10 Hz, p50 ms"),
    Goal("poll-10", "age_p99_ms", "age of data, 10 Hz, p99 ms", most=110),
    Goal("poll-10", "age_max_ms", "age of data, 10 Hz, max ms"),
    Goal("poll-5", "cpu_us", "CPU per scan, 5 Hz, µs", to=REFERENCE),
    Goal("poll-2.5", "cpu_us", "CPU per scan, 2.5 Hz, µs", to=REFERENCE),
    Goal("orders", "p50_ms", "press to wire, p50 ms", most=1),
    Goal("orders", "p99_ms", "press to wire, p99 ms", most=5),
    Goal("orders", "max_ms", "press to wire, max ms"),
    Goal("orders", "lost", "orders lost", most=0),
    Goal("orders-dead", "p50_ms", "30 % dead: press to wire, p50 ms", to="orders", most=MORE),
    Goal("orders-dead", "p99_ms", "30 % dead: press to wire, p99 ms", to="orders", most=MORE),
    Goal("orders-dead", "lost", "30 % dead: orders lost", most=0),
    *(
        Goal(f"orders-{kind}", figure, f"30 % {kind}: press to wire, {figure[:3]} ms", to="orders", most=MORE)
        for kind in (it.name.lower().replace("_", "-") for it in ILL)
        for figure in ("p50_ms", "p99_ms")
    ),
    Goal("orders-streams", "p50_ms", "50 streams: press to wire, p50 ms", to="orders", most=MORE),
    Goal("orders-streams", "p99_ms", "50 streams: press to wire, p99 ms", to="orders", most=MORE),
    Goal("orders-streams", "lost", "50 streams: orders lost", most=0),
    Goal("orders-console", "idle_p99_ms", "console idle: press to wire, p99 ms"),
    *(
        Goal("orders-console", f"{how}_ratio", f"console {how}: p99, times idle", most=CONSOLE_MORE)
        for how in ("flooded", "stopped", "killed")
    ),
    Goal("orders-console", "lost", "console in trouble: orders lost", most=0),
    Goal("hung", "p99_ms", "reads hang: press to wire, p99 ms", most=5),
    Goal("hung", "lost", "reads hang: orders lost", most=0),
    Goal("hung", "refused", "reads hang: orders refused", most=0),
    Goal("hung-long", "p99_ms", "reads long hung: emergency, p99 ms", most=5),
    Goal("hung-long", "lost", "reads long hung: emergencies lost", most=0),
    Goal("lockdown", "last_ms", "lockdown, last frame, ms", most=10),
    Goal("lockdown", "missed", "lockdown: devices missed", most=0),
    Goal("lockdown-dead", "last_ms", "30 % dead: lockdown, last frame, ms", to="lockdown", most=MORE),
    Goal("lockdown-dead", "missed", "30 % dead: living devices missed", most=0),
    Goal("silent", "periods_p99", "5 % silent: age of the others, periods", most=1.1),
    Goal("gateway", "requests_per_cycle", "gateway, 32 units: requests a cycle", most=64),
    Goal("gateway", "cycle_ms", "gateway, 32 units: cycle, ms"),
    Goal("bus", "cycle_ms", "line, 16 units: cycle, ms"),
    Goal("bus", "urgent_max_ms", "line, 16 units: emergency, max ms", most=IN_FLIGHT_MS + 5),
    Goal("bus", "urgent_lost", "line, 16 units: emergencies lost", most=0),
    Goal("bus", "p99_ms", "line, 16 units: order, p99 ms"),
    Goal("bus", "lost", "line, 16 units: orders lost", most=0),
    Goal("bus", "beside_silent_p50_ms", "line, a unit silent: cycle, ms"),
    Goal("bus", "beside_silent_max_ms", "line, a unit silent: longest cycle, ms", most=400),
    *(
        Goal(f"growth-{n}", figure, f"{n} devices: {title}")
        for n in GROWTH
        for figure, title in (
            ("cpu_percent", "CPU at 5 Hz, %"),
            ("held_percent", "rate held, 5 Hz, %"),
            ("p99_ms", "press to wire, p99 ms"),
            ("pss_mb", "memory, PSS, MB"),
            ("start_s", "to first full scan, s"),
        )
    ),
    *(
        Goal(work, figure, f"{wire}: {title}", to=to if figure == "cpu_us" else "", most=most)
        for work, wire, to in (("opcua", "OPC UA", ASYNCUA), ("mqtt", "MQTT", PAHO))
        for figure, title, most in (
            ("cpu_us", "CPU an update, all in, µs", None),
            ("idle_percent", "CPU while nothing changes, %", None),
            ("updates_per_s", "updates a second", None),
            ("p50_ms", "write to state, p50 ms", None),
            ("p99_ms", "write to state, p99 ms", None),
            ("event_p50_ms", "write to event, p50 ms", None),
            ("event_p99_ms", "write to event, p99 ms", None),
            ("lost", "updates lost", 0),
        )
    ),
    Goal("journal", "cpu_us", "journal: CPU a record, µs"),
    Goal("journal", "loop_us", "journal: CPU a record, loop alone, µs"),
    Goal("journal", "p50_ms", "journal: until durable, p50 ms"),
    Goal("journal", "p99_ms", "journal: until durable, p99 ms"),
    Goal("journal", "max_ms", "journal: until durable, max ms"),
    Goal("journal", "lost", "journal: records lost", most=0),
    Goal("journal", "records_m", "journal: asked among, million records"),
    *(
        Goal("journal", f"{question}_{figure}_ms", f"journal: {title}, {figure} ms")
        for question, title in QUESTIONS.items()
        for figure in ("p50", "max")
    ),
    Goal("journal", "walked_per_s", "journal: records verified a second"),
    Goal("start", "pss_mb", "memory, PSS, MB", most=80),
    Goal("start", "start_s", "start to first full scan, s", most=2),
)  # fmt: skip
