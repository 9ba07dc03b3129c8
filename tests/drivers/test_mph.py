from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from drivers.mph import FRAME_S, LENGTH, Decoder

GOLDEN: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).parents[1] / "golden" / "mph_frames.yaml")
EXAMPLE = bytes.fromhex("02F432634B0103")
OTHER = bytes.fromhex("02843200000003")


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["name"])
def test_golden_frame_is_decoded(golden: dict[str, Any]):
    (frame,) = Decoder().feed(bytes.fromhex(golden["frame"]), 0.0)
    fields = frame.fields()
    assert {name: fields[name] for name in golden["fields"]} == golden["fields"]


def test_frame_in_single_bytes_is_decoded_with_its_last():
    decoder = Decoder()
    got = [decoder.feed(bytes([byte]), i / 120) for i, byte in enumerate(EXAMPLE)]
    assert [len(frames) for frames in got] == [0] * (LENGTH - 1) + [1]


def test_frames_in_one_chunk_come_in_order():
    targets = [frame.target for frame in Decoder().feed(EXAMPLE + OTHER + EXAMPLE, 0.0)]
    assert targets == [99, 0, 99]


@pytest.mark.parametrize("speed", [0, 1, 2, 3])
def test_speed_below_4_is_none(speed: int):
    (frame,) = Decoder().feed(bytes([0x02, 0x84, speed, speed, speed, speed, 0x03]), 0.0)
    assert (frame.patrol, frame.target, frame.lock, frame.alt) == (0, 0, 0, 0)


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
    (frame,) = Decoder().feed(bytes([0x02, status, 0, 0, 0, 0, 0x03]), 0.0)
    (measuring,) = Decoder().feed(bytes([0x02, 0x84, 0, 0, 0, 0, 0x03]), 0.0)
    assert frame.fields()[field] is True
    assert measuring.fields()[field] is False


@pytest.mark.parametrize(
    ("status", "measuring"),
    [(0x84, True), (0x88, True), (0xF4, True), (0x80, False), (0x8C, False), (0x85, False), (0x86, False)],
    ids=["front", "rear", "moving", "standby", "self-test", "low-voltage", "interference"],
)
def test_speeds_are_measured_by_one_antenna_undisturbed(status: int, measuring: bool):
    (frame,) = Decoder().feed(bytes([0x02, status, 0, 50, 0, 0, 0x03]), 0.0)
    assert frame.measuring is measuring


@pytest.mark.parametrize("frame", ["02 74 32 63 4B 01 03", "02 F4 32 63 4B 01 04"], ids=["bit 7 clear", "no ETX"])
def test_r28_bad_frame_is_rejected_and_counted(frame: str):
    decoder = Decoder()
    assert decoder.feed(bytes.fromhex(frame), 0.0) == []
    assert decoder.rejected == 1


def test_r28_frame_without_stx_is_rejected():
    decoder = Decoder()
    assert decoder.feed(b"\x00" + EXAMPLE[1:], 0.0) == []
    assert decoder.skipped == LENGTH


def test_good_frame_after_a_cut_one_is_found():
    decoder = Decoder()
    assert [frame.target for frame in decoder.feed(EXAMPLE[:3] + OTHER, 0.0)] == [0]
    assert decoder.rejected == 1


def test_old_rest_of_a_cut_frame_is_not_joined_to_the_next():
    """02 F4 32 63 followed by a frame whose patrol byte is 3 would otherwise read as a frame."""
    decoder = Decoder()
    decoder.feed(EXAMPLE[:4], 0.0)
    (frame,) = decoder.feed(bytes([0x02, 0x84, 0x03, 0x40, 0, 0, 0x03]), 0.25)
    assert frame.target == 0x40
    assert decoder.rejected == 1


def test_frame_within_the_time_of_a_frame_is_joined():
    decoder = Decoder()
    decoder.feed(EXAMPLE[:4], 0.0)
    assert len(decoder.feed(EXAMPLE[4:], FRAME_S)) == 1


@given(garbage=st.binary(max_size=40), cuts=st.lists(st.integers(1, 60), max_size=5))
def test_decoder_is_in_step_again_after_any_garbage(garbage: bytes, cuts: list[int]):
    """Any garbage costs at most the frames that it touches: of three good ones behind it the last is always found."""
    stream, decoder, frames = garbage + EXAMPLE * 3, Decoder(), []
    bounds = sorted({0, *(cut for cut in cuts if cut < len(stream)), len(stream)})
    for start, end in itertools.pairwise(bounds):
        frames += decoder.feed(stream[start:end], 0.0)
    assert frames[-1].target == 99


@given(st.binary(max_size=200))
def test_every_byte_is_a_frame_or_is_counted(noise: bytes):
    decoder = Decoder()
    frames = decoder.feed(noise, 0.0)
    rest = len(noise) - LENGTH * len(frames) - decoder.rejected - decoder.skipped
    assert 0 <= rest < LENGTH
