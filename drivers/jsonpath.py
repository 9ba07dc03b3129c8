"""Values and time stamps inside a JSON document that a device publishes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

LONGEST = 64 * 1024


class Missing(ValueError):
    """The path leads nowhere in this document."""


def document(payload: bytes) -> object:
    """Parse a payload. Raises ValueError for what is not JSON, and for what is too long or too deep to be a report."""
    if len(payload) > LONGEST:
        raise ValueError(f"{len(payload)} bytes are too many for a report, at most {LONGEST} are read")
    try:
        return json.loads(payload)
    except RecursionError:
        raise ValueError("nested too deeply for a report") from None


def lookup(node: object, path: str) -> object:
    """Follow a dotted path, e.g. `device_info.device_sn` or `values.0.count`; the case of keys does not matter.

    Raises Missing: where the path ends, or where two keys differ in nothing but case.
    """
    for step in path.split("."):
        if isinstance(node, Mapping):
            node = _member(node, step, path)
        elif isinstance(node, list) and step.isdecimal() and int(step) < len(node):
            node = node[int(step)]
        else:
            raise Missing(f"{path}: no {step!r}")
    return node


def _member(node: Mapping[str, object], step: str, path: str) -> object:
    if step in node:
        return node[step]
    # Firmware versions differ in case: max_counted, Max_counted (Milesight VS125 recipient page).
    alike = [key for key in node if key.casefold() == step.casefold()]
    if len(alike) != 1:
        raise Missing(f"{path}: no {step!r}" if not alike else f"{path}: {step!r} may be any of {', '.join(alike)}")
    return node[alike[0]]


def instant(raw: object, form: str, zone: tzinfo, now: datetime) -> datetime:
    """Read a device's time stamp as UTC (R32). `form` is a strptime format; empty: ISO 8601, or seconds since 1970.

    A naive stamp is local time in `zone`. One that summer time makes ambiguous is taken as the one of its two meanings
    that is nearer to `now`: a report is told from an hour-old one by its being retained, not by this.
    Raises ValueError.
    """
    try:
        if isinstance(raw, str):
            return _written(raw, form, zone, now)
        if isinstance(raw, int | float) and not isinstance(raw, bool) and not form:
            return datetime.fromtimestamp(raw, UTC)
    except (OverflowError, OSError):
        raise ValueError(f"{raw!r} is outside the calendar") from None
    raise ValueError(f"{raw!r} is no time stamp")


def _written(raw: str, form: str, zone: tzinfo, now: datetime) -> datetime:
    # The zone comes with the format, or is put on below.
    stamp = datetime.strptime(raw, form) if form else datetime.fromisoformat(raw)  # noqa: DTZ007
    if stamp.tzinfo is not None:
        return stamp.astimezone(UTC)
    meanings = (stamp.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return min(meanings, key=lambda meaning: abs(meaning - now))
