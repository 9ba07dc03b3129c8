"""Troubles of serial radars in every dialect: what comes is spoiled, and what cannot be is refused with what can."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simulators.profiles import load
from simulators.run import Running
from simulators.servers import serial_radar
from simulators.servers.serial_fields import fields_of
from simulators.servers.serial_radar import SPEEDS, VOICES
from tests.models.support import LINK, SPEED, field
from tests.simulators.support import control, serial_path, until

PROFILES = {
    "mph": "mph-radar",
    "mph-ds4": "mph-ds4",
    "hikvision-byte": "hikvision-csr-i",
    "hikvision-two-bytes": "hikvision-csr-i-two-bytes",
    "hikvision-text": "hikvision-csr-i-text",
    "hikvision-td10n": "hikvision-ds-td10n-1",
    "icoms": "icoms-tma-296",
    "decatur-si2": "decatur-si-2",
}
ONE_BYTE = {"hikvision-byte", "hikvision-td10n"}
FLAGS = {"standby": "standby", "self-test": "self_test", "interference": "rfi", "low-voltage": "low_voltage"}
TELL = {"mph": set(FLAGS), "mph-ds4": {"low-voltage"}}


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    for dialect, voice in VOICES.items():
        monkeypatch.setitem(serial_radar.VOICES, dialect, replace(voice, every_s=0.01))
    monkeypatch.setattr("simulators.servers.serial_icoms.EVERY_S", 0.01)


def test_every_dialect_has_its_profile_here():
    assert PROFILES.keys() == VOICES.keys()
    assert {dialect: load(profile).dialect for dialect, profile in PROFILES.items()} == {d: d for d in PROFILES}


def radar(dialect: str, folder: Path) -> Any:
    profile = PROFILES[dialect]
    points = load(profile).points
    speed = next(name for name, row in points.items() if row.where["field"] in SPEEDS)
    channels = {"speed": f"unit.{speed}"}
    channels |= {"approaching": "unit.approaching"} if "approaching" in points else {}
    plant: Mapping[str, Any] = {"type": "radar", "lane": "lane", "at_m": 50, "range_m": 40, "channels": channels}
    return field(
        folder, {"protocol": "serial", "baudrate": 9600}, {"profile": profile, "address": 1}, {"radar": plant}, SPEED
    )


@contextmanager
def listening(running: Running) -> Iterator[Any]:
    line = os.open(serial_path(running, LINK), os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)

    def read() -> bytes:
        try:
            return os.read(line, 256)
        except BlockingIOError:
            return b""

    try:
        yield read
    finally:
        os.close(line)


async def comes(running: Running, wanted: bytes) -> None:
    """Wait until this is heard of the radar; nothing that was said before counts."""
    heard = b""
    with listening(running) as read:
        while read():
            pass

        def said() -> bool:
            nonlocal heard
            heard += read()
            return wanted in heard

        await until(said, wanted.hex())


async def stuck(running: Running, kmh: int = 50) -> bytes:
    """Let the radar show a speed, so that every dialect has something to say; return its frame."""
    answer = await control(running, do="trouble", kind="radar-stuck", target="radar", kmh=kmh)
    assert answer["ok"], answer
    image = running.built.images["unit"]
    frame = VOICES[image.profile.dialect].encode(fields_of(image))
    await comes(running, frame)
    return frame


@pytest.mark.parametrize("dialect", PROFILES)
async def test_what_a_radar_says_is_spoiled_on_its_way(dialect: str, tmp_path: Path):
    spoiled = {
        "noise": lambda frame: bytes.fromhex("ff0055") + frame,
        "duplicate": lambda frame: frame * 2,
        "garble": lambda frame: bytes([frame[0] ^ 0x80]) + frame[1:],
    } | ({} if dialect in ONE_BYTE else {"cut": lambda frame: frame[: len(frame) // 2]})
    async with radar(dialect, tmp_path) as running:
        frame = await stuck(running)
        server: Any = running.servers[LINK]
        sent: list[bytes] = []
        server._pty.write = sent.append
        for kind, of in spoiled.items():
            answer = await control(running, do="trouble", kind=kind, target="unit")
            assert answer["ok"], answer
            sent.clear()
            await until(lambda: len(sent) > 2)
            assert set(sent) == {of(frame)}, kind
            await control(running, do="clear", which=kind)
            sent.clear()
            await until(lambda: sent)
            assert set(sent) == {frame}, kind


@pytest.mark.parametrize("dialect", PROFILES)
@pytest.mark.parametrize(("kind", "options"), [("silence", {}), ("lossy", {"share": 1})])
async def test_a_radar_that_is_not_heard(dialect: str, kind: str, options: dict[str, Any], tmp_path: Path):
    async with radar(dialect, tmp_path) as running:
        await stuck(running)
        sent: list[bytes] = []
        server: Any = running.servers[LINK]
        asked: list[str] = []
        gate = server._gate

        def noted(unit: str) -> Any:
            asked.append(unit)
            return gate(unit)

        server._gate = noted
        server._pty.write = sent.append
        await until(lambda: len(sent) > 1)
        await control(running, do="trouble", kind=kind, target=LINK, **options)
        sent.clear()
        asked.clear()
        await until(lambda: len(asked) > 4)
        assert sent == []


@pytest.mark.parametrize("dialect", sorted(ONE_BYTE))
async def test_one_byte_cannot_break_off(dialect: str, tmp_path: Path):
    async with radar(dialect, tmp_path) as running:
        for target in ("unit", LINK):
            answer = await control(running, do="trouble", kind="cut", target=target)
            assert answer["error"].startswith("cut: unit says everything in one byte, which cannot break off: expected")


@pytest.mark.parametrize("dialect", PROFILES)
@pytest.mark.parametrize("kind", FLAGS)
async def test_a_radar_tells_of_itself_what_its_dialect_has_words_for(dialect: str, kind: str, tmp_path: Path):
    async with radar(dialect, tmp_path) as running:
        image = running.built.images["unit"]
        answer = await control(running, do="trouble", kind=kind, target="unit")
        if kind not in TELL.get(dialect, ()):
            assert answer["error"].startswith(f"{kind}: unit has no way to say so: a {PROFILES[dialect]} does not tell")
            assert answer["error"].endswith("expected one of (none here)")
            return
        assert answer["ok"], answer
        assert fields_of(image)[FLAGS[kind]] is True
        plain = {**fields_of(image), FLAGS[kind]: False}
        told = VOICES[dialect].encode(fields_of(image))
        assert told != VOICES[dialect].encode(plain)
        await comes(running, told)


async def test_an_antenna_that_does_not_transmit_measures_nothing(tmp_path: Path):
    async with radar("mph", tmp_path) as running:
        frame = await stuck(running)
        await control(running, do="trouble", kind="standby", target="unit")
        await comes(running, bytes([2, frame[1] & ~0x04, 1, 1, 1, 1, 3]))
