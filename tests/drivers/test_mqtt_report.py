from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.readings import Quality
from controller.ports import Point, PointType, Unit
from drivers.addresses import Key
from drivers.mqtt_report import Moment, Report, read_report

POINTS = {
    "count": Point("count", Key("current_total"), PointType.U32, max_age_s=120.0),
    "max_counted": Point("max_counted", Key("max_counted"), PointType.U32, max_age_s=600.0),
    "serial": Point("serial", Key("device_info.device_sn"), PointType.TEXT, max_age_s=120.0),
}
OPTIONS = {"time": "time_info.end_time", "time_format": "%Y/%m/%d %H:%M:%S"}
UNIT = Unit("counter", "broker", "nice/counter", POINTS, {"serial": "6600D"}, OPTIONS)
# Noon in Nice, in November.
MOMENT = Moment(500.0, datetime(2026, 11, 22, 11, 0, 0, tzinfo=UTC), ZoneInfo("Europe/Paris"))
MILESIGHT: dict[str, Any] = {
    "event": "Region People Counting",
    "report_type": "interval",
    "device_info": {"device_sn": "6600D", "device_mac": "24:E1:24:00:00:01", "ip_address": "10.20.1.9"},
    "time_info": {
        "timezone": "UTC+01:00",
        "dst_status": False,
        "start_time": "2026/11/22 11:59:00",
        "end_time": "2026/11/22 12:00:00",
    },
    "current_total": 10,
    "Max_counted": 12,
    "total_mapped_regions": 2,
    "numbering_regions": [1, 2],
    "current_counted": [5, 5],
    "occupancy": [1, 0],
}


def ended(stamp: str) -> dict[str, Any]:
    return {**MILESIGHT, "time_info": {"end_time": stamp}}


def read(report: Any, *, retained: bool = False, unit: Unit = UNIT, moment: Moment = MOMENT) -> Report:
    payload = report if isinstance(report, bytes) else json.dumps(report).encode()
    return read_report(payload, retained, unit, tuple(unit.points.values()), moment)


def test_milesight_report_is_read_whatever_the_case_of_its_keys():
    report = read(MILESIGHT)
    assert {name: (r.value, r.quality, r.taken) for name, r in report.readings.items()} == {
        "count": (10, Quality.GOOD, 500.0),
        "max_counted": (12, Quality.GOOD, 500.0),
        "serial": ("6600D", Quality.GOOD, 500.0),
    }
    assert (report.strange, report.useless) == ({}, ())


def test_r32_report_is_as_old_as_its_own_time_stamp():
    assert read(ended("2026/11/22 11:59:20")).readings["count"].taken == 460.0


def test_r32_stamp_ahead_of_our_clock_makes_nothing_younger_than_its_arrival():
    assert read(ended("2026/11/22 12:00:20")).readings["count"].taken == 500.0


@pytest.mark.parametrize("stamp", ["2026/11/22 11:57:59", "2026/11/22 12:02:01"], ids=["old", "ahead"])
def test_r32_stamp_off_by_more_than_the_points_age_makes_it_uncertain(stamp: str):
    readings = read(ended(stamp)).readings
    assert readings["count"].quality is Quality.UNCERTAIN
    assert readings["max_counted"].quality is Quality.GOOD, "it may be older"


def test_r32_local_stamp_taken_for_utc_would_be_an_hour_off():
    assert read(ended("2026/11/22 11:00:00")).readings["count"].quality is Quality.UNCERTAIN


def test_r32_report_in_the_hour_that_is_there_twice_is_good_in_both():
    for hour in (0, 1):
        moment = replace(MOMENT, utc=datetime(2026, 10, 25, hour, 30, 10, tzinfo=UTC))
        assert read(ended("2026/10/25 02:30:00"), moment=moment).readings["count"].quality is Quality.GOOD


def test_retained_report_is_uncertain():
    assert {r.quality for r in read(MILESIGHT, retained=True).readings.values()} == {Quality.UNCERTAIN}


@pytest.mark.parametrize("report", [{**MILESIGHT, "time_info": {}}, ended("soon")], ids=["missing", "unreadable"])
def test_report_without_its_stamp_is_uncertain_and_told(report: Any):
    got = read(report)
    assert got.readings["count"].quality is Quality.UNCERTAIN
    assert got.useless[0].startswith("time: ")


def test_unit_without_a_stamp_in_its_profile_needs_none():
    unit = replace(UNIT, options={"time": "", "time_format": ""})
    assert read({**MILESIGHT, "time_info": {}}, unit=unit).readings["count"].quality is Quality.GOOD


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"current_total": "many"}, "'many' is no u32"),
        ({"current_total": -1}, "-1 is no u32"),
        ({"current_total": None}, "None"),
    ],
)
def test_value_of_no_use_is_bad_for_its_point_alone(change: dict[str, Any], told: str):
    report = read({**MILESIGHT, **change})
    assert report.readings["count"].quality is Quality.BAD
    assert report.readings["max_counted"].quality is Quality.GOOD
    assert told in report.useless[0]


def test_missing_path_is_bad_for_its_point_alone():
    report = read({key: value for key, value in MILESIGHT.items() if key != "current_total"})
    assert report.readings["count"].quality is Quality.BAD
    assert report.readings["max_counted"].quality is Quality.GOOD


@pytest.mark.parametrize("payload", [b"", b"hello", b"[1]", b"7", b"\xff", b'{"current_total": NaN}'])
def test_payload_that_is_no_report_is_bad_for_every_point_and_told(payload: bytes):
    report = read(payload)
    assert {r.quality for r in report.readings.values()} == {Quality.BAD}
    assert report.useless


def test_another_device_is_strange_and_says_who_it_is():
    assert read({**MILESIGHT, "device_info": {"device_sn": "77"}}).strange == {"serial": "77"}


def test_report_that_does_not_say_who_it_is_from_gives_nothing_good():
    report = read({**MILESIGHT, "device_info": {}})
    assert {r.quality for r in report.readings.values()} == {Quality.BAD}
    assert report.strange == {}


def json_values() -> st.SearchStrategy[Any]:
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
    keys = st.sampled_from(["current_total", "device_info", "device_sn", "time_info", "end_time", "x"])
    return st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4))


@given(json_values())
def test_no_report_raises(report: Any):
    got = read(report)
    assert set(got.readings) == set(POINTS)


@given(st.integers(-(10**9), 10**9))
def test_no_report_is_taken_after_it_arrived(seconds: int):
    stamp = MOMENT.utc + timedelta(seconds=seconds)
    text = stamp.astimezone(MOMENT.zone).strftime("%Y/%m/%d %H:%M:%S")
    assert all(reading.taken <= MOMENT.arrived for reading in read(ended(text)).readings.values())
