from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from controller.metrics import DeviceSample, Metrics, Snapshot

STATES = ("unknown", "raised", "raising", "lowered", "lowering", "stopped", "fault", "offline")
SNAPSHOT = Snapshot(
    devices=[
        DeviceSample("albert-bollards", "bollard", "raising", STATES, 0.25),
        DeviceSample("albert-loop-entry", "loop", "unknown", ("unknown", "clear", "occupied")),
    ],
    links_up={"albert": True, "ruhl-plc": False},
    units_up={("albert", "albert-io"): True},
    polls={"albert": 2, "ruhl-plc": 0},
    link_errors={("albert", "mute"): 1},
    alarms={"urgent": 2, "low": 0},
    alarms_hidden={"shelved": 3},
    alarms_annunciated={"1": 4},
    flood=True,
    journal_healthy=True,
    journal_records=17,
    journal_lost=1,
)


def samples(metrics: Metrics) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(metrics.render().decode())
    return {
        (s.name, *(s.labels[key] for key in sorted(s.labels))): s.value for family in families for s in family.samples
    }


def test_states_are_those_of_the_moment_of_the_scrape():
    now = SNAPSHOT
    metrics = Metrics("0.1.0", lambda: now)
    found = samples(metrics)
    assert found["rempart_build_info", "0.1.0"] == 1
    assert found["rempart_device_state", "albert-bollards", "bollard", "raising"] == 1
    assert sum(value for name, value in found.items() if name[:2] == ("rempart_device_state", "albert-bollards")) == 1
    assert found["rempart_readings_age_max_seconds", "albert-bollards"] == 0.25
    assert found["rempart_readings_age_max_seconds", "albert-loop-entry"] == float("inf")
    assert (found["rempart_link_up", "albert"], found["rempart_link_up", "ruhl-plc"]) == (1, 0)
    assert found["rempart_unit_up", "albert", "albert-io"] == 1
    assert found["rempart_polls_total", "albert"] == 2
    assert found["rempart_link_errors_total", "mute", "albert"] == 1
    assert found["rempart_link_errors_total", "stranger", "albert"] == 0, "a rate needs the zero before the first"
    assert found["rempart_alarms_active", "urgent"] == 2
    assert found["rempart_alarms_hidden", "shelved"] == 3
    assert (found["rempart_alarms_total", "1"], found["rempart_alarms_total", "4"]) == (4, 0)
    assert found[("rempart_alarm_flood",)] == 1
    assert (found[("rempart_journal_healthy",)], found[("rempart_journal_records_total",)]) == (1, 17)
    assert found[("rempart_journal_lost_total",)] == 1
    now = Snapshot()
    assert samples(metrics)[("rempart_journal_healthy",)] == 0


def test_events_are_counted():
    metrics = Metrics("0.1.0")
    metrics.order("refused")
    metrics.order_latency(0.03)
    metrics.loop_lag(0.002)
    found = samples(metrics)
    assert (found["rempart_orders_total", "refused"], found["rempart_orders_total", "confirmed"]) == (1, 0)
    assert found["rempart_order_latency_seconds_bucket", "0.025"] == 0
    assert found["rempart_order_latency_seconds_bucket", "0.05"] == 1
    assert found[("rempart_event_loop_lag_seconds_count",)] == 1


def test_nobody_can_make_series_from_outside():
    metrics = Metrics("0.1.0")
    before = len(samples(metrics))
    for number in range(100):
        metrics.order(f"z{number}")
    found = samples(metrics)
    assert len(found) == before + 1
    assert found["rempart_orders_total", "other"] == 100


def test_two_services_in_one_process_do_not_share_counters():
    one, other = Metrics("0.1.0"), Metrics("0.1.0")
    one.order("refused")
    assert samples(other)["rempart_orders_total", "refused"] == 0


@pytest.mark.needs("promtool")
def test_prometheus_own_tool_accepts_the_metrics(require: Callable[[str], Path]):
    metrics = Metrics("0.1.0", lambda: SNAPSHOT)
    metrics.order("refused")
    command = [str(require("promtool")), "check", "metrics"]
    result = subprocess.run(command, input=metrics.render(), capture_output=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


def test_a_scrape_that_cannot_see_the_service_is_an_error():
    metrics = Metrics("0.1.0", snapshot=lambda: Snapshot(journal_records=1 // 0))
    with pytest.raises(ZeroDivisionError):
        metrics.render()
