"""The shape of a device: all of it that its logic decides by, without clocks, numbers and words.

Two devices of one shape are one node of the exploration. What is left out is either given back both ways at each step (every
time that is set, by `clock.Stamp`), or decides nothing (version numbers, ids, words for people). That a write stays unanswered
for too long is explored as the failure that the logic takes it for, so its deadline is left out too. A sensor's `since` is kept
as just now or long ago, because others decide by it (a loop must have been clear for a second).

What is left out is named here; a field that is not named is kept, so a field that is new makes more nodes, never fewer.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from controller.core.device import Device
from controller.core.mover import Fault, Mover
from controller.core.outputs import Driven
from controller.core.readings import Quality, Reading, bad, good
from controller.core.spec import Spec
from controller.proof.clock import LATER, NOW, Doubt, Oracle, Stamp

LONG_AGO = 0.0

BLANK: dict[str, Any] = {
    **dict.fromkeys(("version", "drive", "number"), 0),
    **dict.fromkeys(("why", "unwritten", "id", "device", "principal", "reason"), ""),
    "unwatched": False,
}
"""What only tells one thing from the next of its kind, or tells people something, and decides nothing."""

FRESH = {value: good(value, NOW) for value in (True, False)}
UNREAD = bad(LONG_AGO)

D = TypeVar("D", bound=Device)
M = TypeVar("M", bound=Mover)


def shaped(device: D, oracle: Oracle) -> tuple[D, Hashable]:
    """Return `device` without what its shape leaves out, and the shape: two that are equal are of one shape."""
    if isinstance(device, Mover):
        device = _at_rest(device)
    found: tuple[D, Hashable] = _whole(device, oracle, timed=isinstance(device, Driven))
    return found


def _at_rest(mover: M) -> M:
    """Leave out of a mover what decides nothing: which fault it is but one of the feedback, and when it last moved.

    The table asks of a fault only that (`Facts.feedback_fault`). At rest the time of the last motion, or that there was none,
    is used for nothing but the question whether a time is over, and that is answered both ways.
    """
    fault = Fault.LEFT_POSITION if mover.fault not in (None, Fault.BOTH_LIMITS) else mover.fault
    return replace(mover, fault=fault, moving_since=mover.moving_since if mover.moving else NOW)


def _whole(value: Any, oracle: Oracle, *, timed: bool) -> tuple[Any, Hashable]:
    parts: dict[str, Any] = {}
    keys: list[Hashable] = []
    for name in _names(type(value)):
        parts[name], part = _part(getattr(value, name), oracle, name, timed=timed)
        keys.append(part)
    return type(value)(**parts), tuple(keys)


def _part(value: Any, oracle: Oracle, name: str, *, timed: bool) -> tuple[Any, Hashable]:
    if name in BLANK:
        return BLANK[name], None
    if name == "deadline":
        return LATER, None
    if name == "readings":
        held = {signal: _reading(one) for signal, one in value.items()}
        return held, tuple(sorted((signal, str(one.value)) for signal, one in held.items()))
    value = bool(value) if isinstance(value, Doubt) else value
    match value:
        case None | bool() | Enum() | str() | int():
            return value, value
        case float():
            kept: float = Stamp(oracle, name) if timed else NOW if value == NOW else LONG_AGO
            return kept, float(kept)
        case Spec():
            return value, value.id
        case dict():
            held = {key: decided(one) for key, one in value.items()}
            return held, tuple(sorted(held.items()))
        case tuple():
            return (parts := decided(value)), parts
        case _ if is_dataclass(value):
            return _whole(value, oracle, timed=timed)
    return value, value


def decided(value: Any) -> Any:
    """Return `value` with every doubt in it decided, as long as the run lasts in which it came up."""
    if isinstance(value, tuple):
        return tuple(decided(part) for part in value)
    return bool(value) if isinstance(value, Doubt) else value


def _reading(reading: Reading) -> Reading:
    if reading.value is None or reading.quality is not Quality.GOOD or reading.taken < NOW:
        return UNREAD
    return FRESH[reading.value] if isinstance(reading.value, bool) else good(reading.value, NOW)


def _names(kind: type[Any]) -> tuple[str, ...]:
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(field.name for field in fields(kind) if field.init)
    return _FIELDS[kind]


_FIELDS: dict[type[Any], tuple[str, ...]] = {}
