"""What devices that talk by themselves speak on a serial line: one row a dialect, which the profile of a device names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivers import decatur, hikvision, icoms, mph
from drivers.serial_frames import Form

ALWAYS, ON_TARGET = "always", "on-target"
"""When a device talks: without a target too, so that silence is a fault; or on a target only, so that silence tells nothing."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The forms of its frames, the fields that profile rows may name, and its speed where the manual fixes one.

    All of them are 8N1. Where `baudrate` is None the unit is set to any, and the link's URL must say to which.
    """

    forms: tuple[Form, ...]
    fields: tuple[str, ...]
    baudrate: int | None = None


_MPH_FLAGS = ("low_voltage", "rfi", "standby", "self_test", "moving", "alternative", "opposite")

DIALECTS: Mapping[str, Dialect] = {
    "mph": Dialect(mph.MPH, ("target", "patrol", "lock", "alt", *_MPH_FLAGS), 1200),
    "mph-ds4": Dialect(mph.DS4, ("target", "range", "low_voltage"), 1200),
    "hikvision-byte": Dialect(hikvision.BYTE, ("speed",)),
    "hikvision-two-bytes": Dialect(hikvision.TWO_BYTES, ("speed", "approaching")),
    "hikvision-text": Dialect(hikvision.TEXT, ("speed", "approaching")),
    "hikvision-td10n": Dialect(hikvision.TD10N, ("speed",), 9600),
    "icoms": Dialect(icoms.ICOMS, ("speed", "approaching", "distance")),
    "decatur-si2": Dialect(decatur.SI2, ("speed", "approaching", "strength")),
}
