from __future__ import annotations

import pytest

from drivers.mph import MPH, SELF_TEST_S, SPEEDS
from drivers.serial_frames import Decoder, Frame

EXAMPLE = bytes.fromhex("02F432634B0103")
OTHER = bytes.fromhex("02843200000003")


def decoded(*frame: int) -> Frame:
    (found,) = Decoder(MPH).feed(bytes(frame), 0.0)
    return found


@pytest.mark.parametrize("speed", [0, 1, 2, 3])
def test_speed_below_4_is_none(speed: int):
    fields = decoded(0x02, 0x84, speed, speed, speed, speed, 0x03).fields
    assert [fields[name] for name in sorted(SPEEDS)] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("status", "field"),
    [
        (0x81, "low_voltage"),
        (0x82, "rfi"),
        (0x80, "standby"),
        (0x8C, "self_test"),
        (0x94, "moving"),
        (0xC4, "opposite"),
    ],
)
def test_status_bit_is_its_field(status: int, field: str):
    assert decoded(0x02, status, 0, 0, 0, 0, 0x03).fields[field] is True
    assert decoded(0x02, 0x84, 0, 0, 0, 0, 0x03).fields[field] is False


@pytest.mark.parametrize(
    ("status", "measuring"),
    [(0x84, True), (0x88, True), (0xF4, True), (0x80, False), (0x8C, False), (0x85, False), (0x86, False)],
    ids=["front", "rear", "moving", "standby", "self-test", "low-voltage", "interference"],
)
def test_speeds_are_measured_by_one_antenna_undisturbed(status: int, measuring: bool):
    assert decoded(0x02, status, 0, 50, 0, 0, 0x03).doubtful == (frozenset() if measuring else SPEEDS)


@pytest.mark.parametrize(("status", "silence_s"), [(0x8C, SELF_TEST_S), (0x84, 0.0), (0x80, 0.0)])
def test_r28_only_a_self_test_may_be_silent(status: int, silence_s: float):
    assert decoded(0x02, status, 0, 0, 0, 0, 0x03).silence_s == silence_s


@pytest.mark.parametrize("frame", ["02 74 32 63 4B 01 03", "02 F4 32 63 4B 01 04"], ids=["bit 7 clear", "no ETX"])
def test_r28_bad_frame_is_rejected_and_counted(frame: str):
    decoder = Decoder(MPH)
    assert decoder.feed(bytes.fromhex(frame), 0.0) == []
    assert decoder.rejected == 1


def test_r28_frame_without_stx_is_rejected():
    decoder = Decoder(MPH)
    assert decoder.feed(b"\x00" + EXAMPLE[1:], 0.0) == []
    assert decoder.skipped == len(EXAMPLE)


def test_good_frame_after_a_cut_one_is_found():
    decoder = Decoder(MPH)
    assert [frame.fields["target"] for frame in decoder.feed(EXAMPLE[:3] + OTHER, 0.0)] == [0]
    assert decoder.rejected == 1


def test_old_rest_of_a_cut_frame_is_not_joined_to_the_next():
    """02 F4 32 63 followed by a frame whose patrol byte is 3 would otherwise read as a frame."""
    decoder = Decoder(MPH)
    decoder.feed(EXAMPLE[:4], 0.0)
    (frame,) = decoder.feed(bytes([0x02, 0x84, 0x03, 0x40, 0, 0, 0x03]), 0.25)
    assert frame.fields["target"] == 0x40
    assert decoder.rejected == 1
