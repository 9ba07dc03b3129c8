from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.jsonpath import LONGEST, Missing, document, instant, lookup

NICE = ZoneInfo("Europe/Paris")
MILESIGHT = "%Y/%m/%d %H:%M:%S"
REPORT = {"device_info": {"device_sn": "6600D"}, "Max_counted": 12, "values": [{"count": 3}, {"count": 4}]}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("device_info.device_sn", "6600D"),
        ("max_counted", 12),
        ("DEVICE_INFO.Device_SN", "6600D"),
        ("values.1.count", 4),
    ],
)
def test_path_is_followed_whatever_the_case(path: str, value: object):
    assert lookup(REPORT, path) == value


@pytest.mark.parametrize(
    "path", ["nothing", "device_info.mac", "values.2.count", "values.x", "max_counted.x", "values.-1"]
)
def test_path_that_leads_nowhere_says_so(path: str):
    with pytest.raises(Missing, match=path.replace(".", r"\.")):
        lookup(REPORT, path)


def test_exact_key_wins_over_one_of_another_case():
    assert lookup({"COUNT": 1, "count": 2}, "count") == 2


def test_keys_that_differ_only_in_case_are_not_guessed():
    with pytest.raises(Missing, match="COUNT, Count"):
        lookup({"COUNT": 1, "Count": 2}, "count")


@pytest.mark.parametrize("payload", [b"", b"{", b"\xff\xfe\x00", b"[" * 10_000, b" " * (LONGEST + 1)])
def test_payload_that_is_no_report_is_a_value_error(payload: bytes):
    with pytest.raises(ValueError):  # noqa: PT011  whatever the parser says
        document(payload)


@given(st.binary(max_size=100))
def test_any_payload_is_parsed_or_a_value_error(payload: bytes):
    with contextlib.suppress(ValueError):
        document(payload)


@pytest.mark.parametrize(
    ("stamp", "utc"),
    [
        ("2026/07/14 20:00:00", datetime(2026, 7, 14, 18, tzinfo=UTC)),
        ("2026/11/22 12:00:00", datetime(2026, 11, 22, 11, tzinfo=UTC)),
    ],
    ids=["summer", "winter"],
)
def test_r32_local_stamp_becomes_utc(stamp: str, utc: datetime):
    assert instant(stamp, MILESIGHT, NICE, utc) == utc


@pytest.mark.parametrize("hour", [0, 1], ids=["summer time", "winter time"])
def test_r32_ambiguous_hour_is_the_one_nearer_to_now(hour: int):
    """On 2026-10-25 the clocks of Nice show 02:30 at 00:30 UTC and again at 01:30 UTC."""
    meant = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    assert instant("2026/10/25 02:30:00", MILESIGHT, NICE, meant + timedelta(seconds=40)) == meant


def test_r32_stamp_with_a_zone_of_its_own_keeps_it():
    now = datetime(2026, 7, 14, tzinfo=UTC)
    assert instant("2026-07-14T20:00:00+09:00", "", NICE, now) == datetime(2026, 7, 14, 11, tzinfo=UTC)


def test_seconds_since_1970_need_no_zone():
    assert instant(1_784_000_000, "", NICE, datetime.now(UTC)) == datetime.fromtimestamp(1_784_000_000, UTC)


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        ("soon", MILESIGHT),
        ("soon", ""),
        (None, ""),
        (True, ""),
        (5, MILESIGHT),
        (1e300, ""),
        ("0001-01-01", ""),
        ({}, ""),
    ],
)
def test_what_is_no_time_is_a_value_error(raw: object, form: str):
    with pytest.raises(ValueError):  # noqa: PT011  whatever the calendar says
        instant(raw, form, NICE, datetime.now(UTC))
