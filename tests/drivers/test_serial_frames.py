"""Every dialect of the serial lines, whole and in pieces, among noise and out of time."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from drivers.dialects import DIALECTS
from drivers.serial_frames import Decoder, Frame

GOLDEN: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).parents[1] / "golden" / "serial_frames.yaml")
FORMS = {
    "mph": rb"\x02[\x80-\xff].{4}\x03",
    "mph-ds4": rb"\x02[\x80-\x9f].{4}\x03",
    "hikvision-byte": rb"[\x00\x05-\xf0]",
    "hikvision-two-bytes": rb"[\xf7-\xf9][\x00\x05-\xf0]",
    "hikvision-text": rb"[+*-][0-9]{3}",
    "hikvision-td10n": rb".",
    "icoms": rb"[+-][0-9]{3} km/h(?: [0-9]{3} m)?\r\n|[0-9]{3}K[IO]\r\n|[+-][0-9]{3}\r\n|\*S[0-9]{3}\r\n",
    "decatur-si2": rb"\*[+?-][0-9]{3}\.[0-9],[0-9]{3}\r\n",
}
"""Each dialect's frames, written down a second time."""

every_dialect = pytest.mark.parametrize("name", DIALECTS)
frames_of = {name: st.from_regex(re.compile(form, re.DOTALL), fullmatch=True) for name, form in FORMS.items()}


def noise_of(name: str) -> st.SearchStrategy[bytes]:
    """Return noise that is often nearly a frame."""
    pieces = st.builds(lambda frame, cut: frame[:cut], frames_of[name], st.integers(1, 10))
    return st.lists(st.one_of(st.binary(max_size=8), pieces, frames_of[name]), max_size=12).map(b"".join)


def read(name: str, raw: bytes) -> Frame:
    (form,) = [f for f in DIALECTS[name].forms if len(f.places) == len(raw) and f.begins(raw)]
    return form.read(raw)


def decoded(name: str, *chunks: bytes) -> list[Frame]:
    decoder = Decoder(DIALECTS[name].forms)
    return [frame for chunk in chunks for frame in decoder.feed(chunk, 0.0)]


@st.composite
def chunked(draw: st.DrawFn, stream: bytes) -> list[bytes]:
    cuts = draw(st.lists(st.integers(0, len(stream)), max_size=8))
    return [stream[start:end] for start, end in pairwise(sorted({0, *cuts, len(stream)}))]


def test_every_dialect_has_a_golden_frame():
    assert {golden["dialect"] for golden in GOLDEN} == set(DIALECTS) == set(FORMS)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["name"])
def test_golden_frame_is_decoded(golden: dict[str, Any]):
    (frame,) = decoded(golden["dialect"], bytes.fromhex(golden["frame"]))
    assert {name: frame.fields[name] for name in golden["fields"]} == golden["fields"]


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["name"])
def test_a_frame_tells_no_field_that_its_dialect_does_not_name(golden: dict[str, Any]):
    (frame,) = decoded(golden["dialect"], bytes.fromhex(golden["frame"]))
    assert set(frame.fields) <= set(DIALECTS[golden["dialect"]].fields)


@every_dialect
@settings(max_examples=30)
@given(data=st.data())
def test_frames_come_whole_and_in_order_however_they_are_cut_up(name: str, data: st.DataObject):
    sent = data.draw(st.lists(frames_of[name], max_size=6))
    chunks = data.draw(chunked(b"".join(sent)))
    assert decoded(name, *chunks) == [read(name, raw) for raw in sent]


@every_dialect
@settings(max_examples=30)
@given(data=st.data())
def test_nothing_is_a_frame_that_has_not_its_form(name: str, data: st.DataObject):
    noise = data.draw(noise_of(name))
    chunks = data.draw(chunked(noise))
    assert decoded(name, *chunks) == [read(name, raw) for raw in re.findall(FORMS[name], noise, re.DOTALL)]


@every_dialect
@settings(max_examples=30)
@given(data=st.data())
def test_decoder_is_in_step_again_after_any_noise(name: str, data: st.DataObject):
    """Any noise costs at most the frames that it touches: of three good ones behind it the last is always found."""
    noise, frame = data.draw(noise_of(name)), data.draw(frames_of[name])
    assert decoded(name, *data.draw(chunked(noise + frame * 3)))[-1] == read(name, frame)


@every_dialect
@settings(max_examples=30)
@given(data=st.data())
def test_every_byte_is_in_a_frame_or_is_counted(name: str, data: st.DataObject):
    noise = data.draw(noise_of(name))
    decoder = Decoder(DIALECTS[name].forms)
    decoder.feed(noise, 0.0)
    in_frames = sum(map(len, re.findall(FORMS[name], noise, re.DOTALL)))
    waiting = len(noise) - in_frames - decoder.dropped
    assert 0 <= waiting < max(len(form.places) for form in DIALECTS[name].forms)


LONG = [golden for golden in GOLDEN if len(golden["frame"]) > 2]


@pytest.mark.parametrize("golden", LONG, ids=lambda golden: golden["name"])
def test_a_half_frame_that_is_too_old_is_thrown_away(golden: dict[str, Any]):
    decoder, raw = Decoder(DIALECTS[golden["dialect"]].forms), bytes.fromhex(golden["frame"])
    assert decoder.feed(raw[:-1], 0.0) == []
    assert decoder.feed(raw[-1:], decoder.frame_s + 0.001) == []
    assert decoder.rejected >= 1


@pytest.mark.parametrize("golden", LONG, ids=lambda golden: golden["name"])
def test_a_half_frame_within_the_time_of_a_frame_is_joined(golden: dict[str, Any]):
    decoder, raw = Decoder(DIALECTS[golden["dialect"]].forms), bytes.fromhex(golden["frame"])
    decoder.feed(raw[:-1], 0.0)
    assert len(decoder.feed(raw[-1:], decoder.frame_s)) == 1


def test_what_is_given_up_makes_nothing_behind_it_younger():
    """The second half frame is found when the first is given up, and is as old as it was."""
    decoder = Decoder(DIALECTS["mph"].forms)
    half = bytes.fromhex("02 84 02 84 00")
    assert decoder.feed(half, 0.0) == []
    assert decoder.feed(b"\x00\x00", decoder.frame_s) == []
    assert decoder.feed(b"\x00\x03", decoder.frame_s + 0.001) == []


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("hikvision-byte", b"\xfe\xfd\xfd\xfe"),
        ("hikvision-two-bytes", b"\xfe\xfd\xfd\xfe"),
        ("hikvision-text", b"\xfe\xfd\xfd\xfe"),
        ("hikvision-byte", b"\xf1"),
        ("hikvision-two-bytes", b"\xf9\xf1"),
        ("icoms", b"+050 mph\r\n"),
        ("icoms", b"050MI\r\n"),
        ("icoms", b"+050 mph 120 m\r\n"),
        ("mph-ds4", b"\x02\xf4\x32\x63\x4b\x01\x03"),
    ],
    ids=["power-on", "power-on", "power-on", "too-fast", "too-fast", "mph-1", "mph-2", "mph-6", "not-a-ds4"],
)
def test_what_is_no_measurement_in_km_h_is_none_at_all(name: str, sent: bytes):
    assert decoded(name, sent) == []


@pytest.mark.parametrize("status", [0x80, 0x81])
def test_a_ds4_with_low_voltage_is_doubted(status: int):
    (frame,) = decoded("mph-ds4", bytes([0x02, status, 1, 65, 1, 55, 3]))
    assert frame.doubtful == ({"target", "range"} if status & 1 else set())
