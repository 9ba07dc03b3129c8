r"""Icoms TMA-296 speed radars: a line of text for each measurement, in the form that their parameter 50 sets (manual pp. 14-15).

    type 1  ±SSS km/h\r\n          2  SSSKI\r\n, SSSKO\r\n       3  ±SSS\r\n
    type 4  *SSSS\r\n (an S, then the speed)                     6  ±SSS km/h DDD m\r\n

`+` and `I` approaching, `-` and `O` receding. A radar that is set to mph says so in types 1, 2 and 6, and is not understood;
types 3 and 4 name no unit.
"""

from __future__ import annotations

from drivers.serial_frames import Form, Frame, spelled


def _read_signed(raw: bytes) -> Frame:
    return Frame({"speed": int(raw[1:4]), "approaching": raw[:1] == b"+"})


def _read_lettered(raw: bytes) -> Frame:
    return Frame({"speed": int(raw[:3]), "approaching": raw[4:5] == b"I"})


def _read_starred(raw: bytes) -> Frame:
    return Frame({"speed": int(raw[2:5])})


def _read_ranging(raw: bytes) -> Frame:
    return Frame({**_read_signed(raw).fields, "distance": int(raw[10:13])})


ICOMS = (
    Form(spelled("±### km/h\r\n"), _read_signed),
    Form(spelled("###Kd\r\n", {"d": b"IO"}), _read_lettered),
    Form(spelled("±###\r\n"), _read_signed),
    Form(spelled("*S###\r\n"), _read_starred),
    Form(spelled("±### km/h ### m\r\n"), _read_ranging),
)
