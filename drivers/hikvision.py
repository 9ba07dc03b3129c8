"""Hikvision speed radars: nothing but a speed in km/h, 5 to 240, with a direction if the radar is set to tell it.

CSR-I (manual pp. 12, 14): one byte; or F9h closing, F8h away, F7h unknown, and the speed; or four characters: `+` closing,
`-` away, `*` unknown, and three digits. As delivered (trigger mode) it sends when it sees a vehicle and is silent otherwise. In
continuous mode it sends every 26 ms, speed 00 when it sees none. After power-on come FE FD FD FE, with which no frame begins.

DS-TD10N-1 (manual p. 11): one byte, 9600 8N1. The manual gives it no limits: every byte is a speed.
"""

from __future__ import annotations

from drivers.serial_frames import ANY, Form, Frame, spelled

SPEED = frozenset({0, *range(5, 241)})
APPROACHING = {0xF9: True, 0xF8: False, 0xF7: None, ord("+"): True, ord("-"): False, ord("*"): None}


def _read_byte(raw: bytes) -> Frame:
    return Frame({"speed": raw[0]})


def _read_two_bytes(raw: bytes) -> Frame:
    return Frame({"speed": raw[1], "approaching": APPROACHING[raw[0]]})


def _read_text(raw: bytes) -> Frame:
    return Frame({"speed": int(raw[1:]), "approaching": APPROACHING[raw[0]]})


BYTE = (Form((SPEED,), _read_byte),)
TWO_BYTES = (Form((frozenset({0xF7, 0xF8, 0xF9}), SPEED), _read_two_bytes),)
TEXT = (Form(spelled("d###", {"d": b"+-*"}), _read_text),)
TD10N = (Form((ANY,), _read_byte),)
