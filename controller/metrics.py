"""What Prometheus scrapes. Orders are counted as they end; all else is asked for when somebody looks: a poll costs nothing here.

Every label takes its values from the site file or from a closed set, so that nobody outside can make series. About ten series a
device: a site of 60 devices has 620, which take 3 ms to print.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.registry import Collector

__all__ = ["CONTENT_TYPE", "DeviceSample", "Metrics", "Snapshot"]

LINK_ERRORS = ("unreachable", "mute", "refusing", "garbled", "stranger", "expired")
OUTCOMES = ("refused", "confirmed", "failed", "expired", "superseded", "unknown")
OTHER = "other"
PRIORITIES = ("1", "2", "3", "4")
# From one frame on a quick wire to the longest life of an order.
ORDER_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LAG_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


@dataclass(frozen=True, slots=True)
class DeviceSample:
    """One device at the moment of a scrape: `state` is one of `states`; `oldest_s` is its oldest reading's age, if any."""

    device: str
    kind: str
    state: str
    states: Sequence[str]
    oldest_s: float | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The service at the moment of a scrape: links by name, units by (link, name), alarms that are annunciated by priority.

    `alarms_hidden` are those that are not, by state; `alarms_annunciated` those since the start, by priority; `flood` as in R35.
    `polls` counts answered polls by link, `link_errors` by (link, kind of error), both since the start.
    """

    devices: Sequence[DeviceSample] = ()
    links_up: Mapping[str, bool] = field(default_factory=dict)
    units_up: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    polls: Mapping[str, int] = field(default_factory=dict)
    link_errors: Mapping[tuple[str, str], int] = field(default_factory=dict)
    alarms: Mapping[str, int] = field(default_factory=dict)
    alarms_hidden: Mapping[str, int] = field(default_factory=dict)
    alarms_annunciated: Mapping[str, int] = field(default_factory=dict)
    flood: bool = False
    journal_healthy: bool = False
    journal_records: int = 0
    journal_lost: int = 0


class Metrics:
    """One service's metrics, in a registry of their own."""

    def __init__(self, version: str, snapshot: Callable[[], Snapshot] = Snapshot) -> None:
        """`snapshot` is called within `render`."""
        # They double the series, and Prometheus sees a restart by itself. The library knows one switch for the process.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry = CollectorRegistry()
        self._orders = Counter("rempart_orders", "Orders, by what became of them.", ["outcome"], registry=registry)
        self._latency = Histogram(
            "rempart_order_latency_seconds",
            "From the acceptance of an order to the acknowledgement of its first frame.",
            buckets=ORDER_BUCKETS_S,
            registry=registry,
        )
        self._lag = Histogram(
            "rempart_event_loop_lag_seconds",
            "How much later than asked the event loop ran a task.",
            buckets=LAG_BUCKETS_S,
            registry=registry,
        )
        registry.register(_States(version, snapshot))
        for outcome in OUTCOMES:  # a rate needs the zero before the first event
            self._orders.labels(outcome)

    def order(self, outcome: str) -> None:
        """Count an order that came to `outcome`, a state of a command's life."""
        self._orders.labels(_one_of(OUTCOMES, outcome)).inc()

    def order_latency(self, seconds: float) -> None:
        """Observe the time from acceptance to the first acknowledged frame."""
        self._latency.observe(seconds)

    def loop_lag(self, seconds: float) -> None:
        """Observe by how much the event loop was late."""
        self._lag.observe(seconds)

    def render(self) -> bytes:
        """The metrics in Prometheus' text format, of content type CONTENT_TYPE."""
        return generate_latest(self._registry)


def _one_of(known: Collection[str], name: str) -> str:
    return name if name in known else OTHER


class _States(Collector):
    """Asks for a snapshot when the registry is scraped."""

    def __init__(self, version: str, snapshot: Callable[[], Snapshot]) -> None:
        self._version, self._snapshot = version, snapshot

    def describe(self) -> Sequence[Metric]:
        return ()  # else registering would take a snapshot

    def collect(self) -> Iterator[Metric]:
        now = self._snapshot()
        build = GaugeMetricFamily("rempart_build_info", "The release that runs; always 1.", labels=["version"])
        build.add_metric([self._version], 1)
        yield build
        yield from _of_devices(now.devices)
        yield _gauge("rempart_link_up", "Whether the wire is connected.", ["link"], now.links_up)
        yield _gauge("rempart_unit_up", "Whether the unit answers as its profile says.", ["link", "unit"], now.units_up)
        yield from _of_wires(now)
        yield from _of_alarms(now)
        healthy = "Whether the last attempt to write the journal succeeded."
        yield GaugeMetricFamily("rempart_journal_healthy", healthy, value=now.journal_healthy)
        yield CounterMetricFamily("rempart_journal_records", "Number of the last durable record.", now.journal_records)
        lost = "Entries that were lost because the journal could not be written."
        yield CounterMetricFamily("rempart_journal_lost", lost, now.journal_lost)


def _of_alarms(now: Snapshot) -> Iterator[Metric]:
    yield _gauge("rempart_alarms_active", "Alarms that are annunciated, by priority.", ["priority"], now.alarms)
    yield _gauge("rempart_alarms_hidden", "Alarms that are hidden, by state.", ["state"], now.alarms_hidden)
    total = CounterMetricFamily(
        "rempart_alarms", "Alarms annunciated since the start, by priority.", labels=["priority"]
    )
    for priority in PRIORITIES:
        total.add_metric([priority], now.alarms_annunciated.get(priority, 0))
    yield total
    flood = "Whether more than 10 alarms came in 10 min, and not yet fewer than 5."
    yield GaugeMetricFamily("rempart_alarm_flood", flood, value=now.flood)


def _of_devices(devices: Sequence[DeviceSample]) -> Iterator[Metric]:
    state = GaugeMetricFamily(
        "rempart_device_state",
        "1 for the state the device is in, 0 for its others.",
        labels=["device", "kind", "state"],
    )
    age = GaugeMetricFamily(
        "rempart_readings_age_max_seconds", "Age of the device's oldest reading, +Inf without any.", labels=["device"]
    )
    for one in devices:
        for name in one.states:
            state.add_metric([one.device, one.kind, name], name == one.state)
        age.add_metric([one.device], float("inf") if one.oldest_s is None else one.oldest_s)
    yield state
    yield age


def _of_wires(now: Snapshot) -> Iterator[Metric]:
    polls = CounterMetricFamily("rempart_polls", "Polls that were answered.", labels=["link"])
    errors = CounterMetricFamily(
        "rempart_link_errors", "Requests that went wrong, by what happened.", labels=["link", "kind"]
    )
    for link, count in now.polls.items():
        polls.add_metric([link], count)
        for kind in LINK_ERRORS:
            errors.add_metric([link, kind], now.link_errors.get((link, kind), 0))
    yield polls
    yield errors


def _gauge(
    name: str, text: str, labels: Sequence[str], values: Mapping[str, float] | Mapping[tuple[str, str], float]
) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in values.items():
        family.add_metric([key] if isinstance(key, str) else key, value)
    return family
