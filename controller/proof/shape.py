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
from typing import Any, TypeVar

from controller.core.command import Life
from controller.core.device import Device
from controller.core.modes import Holds, Mode
from controller.core.mover import Fault, Mover
from controller.core.outputs import Driven
from controller.core.readings import Quality, Reading, bad, good
from controller.core.spec import Spec
from controller.proof.clock import LATER, NOW, Doubt, Oracle, Stamp

LONG_AGO = 0.0

BLANK: dict[str, Any] = {
    **dict.fromkeys(("version", "drive", "number", "returns"), 0),
    **dict.fromkeys(("why", "unwritten", "unsecured", "id", "device", "principal", "reason", "passage", "by"), ""),
    **dict.fromkeys(("unwatched", "overdue", "unproven", "urgent", "at_rest", "hold", "automatic", "cut_off"), False),
    "remark": None,
    "life": Life.ACCEPTED,
    "cycles": (),
    "holds": Holds(),
    "wishes": (),
    "together_with": None,
}
"""What only tells one thing from the next of its kind, or tells people something, and decides nothing.

Cycles and returns decide one thing: that an order is refused (R04, R11). An order that is refused leaves what looking leaves.
What people hold over the device, what two of them agreed on, and that a button is held, is in what happens to it
(`world.happenings`). An order that is automatic is warned of for longer after its unit was lost; how long a warning lasts is
answered both ways anyway.
"""

FRESH = {value: good(value, NOW) for value in (True, False)}
UNREAD = bad(LONG_AGO)

D = TypeVar("D", bound=Device)
M = TypeVar("M", bound=Mover)


def shaped(device: D, oracle: Oracle) -> tuple[D, Hashable]:
    """Return `device` without what its shape leaves out, and the shape: two that are equal are of one shape."""
    plain = _plain(device) if isinstance(device, Mover) else device
    found: tuple[D, Hashable] = _whole(plain, oracle, timed=isinstance(device, Driven))
    return found


def _plain(mover: Mover) -> Mover:
    """Leave out of a mover what is in what happens to it (`world.SIGNS`), and what decides nothing.

    That is which fault it is, but one of the feedback, and when it last moved.

    The table asks of a fault only that (`Facts.feedback_fault`). At rest the time of the last motion, or that there was none,
    is used for nothing but the question whether a time is over, and that is answered both ways; so is, of a motion that is
    under way, whether it is quicker than steel can be, so that from where it began does not matter.
    """
    seen = dict.fromkeys(mover.spec.inputs, FRESH[False])
    seen |= {name: mover.readings.get(name, UNREAD) for name in (*mover.spec.tops, *mover.spec.bottoms)}
    fault = Fault.LEFT_POSITION if mover.fault not in (None, Fault.BOTH_LIMITS) else mover.fault
    since = mover.moving_since if mover.moving else NOW
    whole = mover.whole if mover.starting else mover.moving
    return replace(mover, mode=Mode.REMOTE, readings=seen, fault=fault, moving_since=since, whole=whole)


def _whole(value: Any, oracle: Oracle, *, timed: bool) -> tuple[Any, Hashable]:
    parts: dict[str, Any] = {}
    keys: list[Hashable] = []
    for name in _names(type(value)):
        parts[name], part = _part(getattr(value, name), oracle, name, timed=timed)
        keys.append(part)
    return type(value)(**parts), tuple(keys)


def _part(value: Any, oracle: Oracle, name: str, *, timed: bool) -> tuple[Any, Hashable]:
    """Return what is kept of the field `name`, and what tells it from others."""
    if name in BLANK:
        return BLANK[name], None
    if name == "deadline":
        return LATER, None
    if name in ("waiting", "returning"):
        return ("something", True) if value else ("", False)
    if name == "order" and isinstance(value, str):
        # Whose write it is matters to whoever carries it out.
        return "", None
    if name == "readings":
        held = {signal: _reading(one) for signal, one in value.items()}
        return held, tuple(sorted((signal, str(one.value)) for signal, one in held.items()))
    if type(value) in _SIMPLE:
        return value, value
    return _kept(bool(value) if isinstance(value, Doubt) else value, oracle, name, timed=timed)


def _kept(value: Any, oracle: Oracle, name: str, *, timed: bool) -> tuple[Any, Hashable]:
    if isinstance(value, float):
        kept: float = Stamp(oracle, name) if timed else NOW if value == NOW else LONG_AGO
        return kept, float(kept)
    if isinstance(value, Spec):
        return value, value.id
    if isinstance(value, dict):
        held = {key: decided(one) for key, one in value.items()}
        return held, tuple(sorted(held.items()))
    if isinstance(value, tuple):
        return (parts := decided(value)), parts
    return _whole(value, oracle, timed=timed) if is_dataclass(value) else (value, value)


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


_SIMPLE = frozenset({bool, int, str, type(None), Mode})
"""What is its own shape. The words and numbers of the oracle are kinds of str and float of their own."""

_FIELDS: dict[type[Any], tuple[str, ...]] = {}
