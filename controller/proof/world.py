"""What the world can do to a device at any moment: its readings, its wire, the people, time.

The world is not modelled to be reasonable: limit switches may show anything after anything, a vehicle may come and go in no
time, a write may fail before, while or after it took effect. Whatever the real field does is among it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from controller.core.command import Life, Order
from controller.core.device import Device, Event, Lost, Ordered, Restored, Sampled, Ticked, Wrote
from controller.core.outputs import Driven
from controller.core.readings import Readings, Value, good
from controller.core.spec import Action, Kind, MoverSpec, SignalSpec, Spec
from controller.proof.clock import NOW
from controller.proof.shape import LONG_AGO, UNREAD

UNIT = "its unit"
"""All units of a device are one here: the logic asks only whether one is missing."""

EXPIRES = NOW + 1.0
AGE_S = 100.0

NUMBERS = ((Kind.RADAR, "speed"), (Kind.COUNTER, "count"))

IMAGES = {
    "their upper limit": (True, False),
    "their lower limit": (False, True),
    "neither limit": (False, False),
    "both limits at once": (True, True),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that can happen to a device, in words, with `{}` for its name.

    `event` is None where only time goes by and nobody looks yet.
    """

    text: str
    event: Event | None = field(compare=False)
    readings: Readings | None = field(default=None, compare=False)
    order: Action | None = None


def timeless(spec: Spec) -> Spec:
    """Return `spec` with ages that no step reaches: that a reading grows too old is a happening here."""
    return replace(spec, inputs=dict.fromkeys(spec.inputs, AGE_S))


def happenings(device: Device) -> Iterator[Happening]:
    """Return everything that can happen to `device` next."""
    yield Happening("{} looks again", Ticked())
    if device.down:
        yield Happening("the unit of {} answers", Restored(UNIT))
    else:
        yield Happening("the unit of {} falls silent", Lost(UNIT, "silent"))
        yield Happening("the unit of {} reconnects unnoticed", Restored(UNIT))
        for text, readings in _pictures(device.spec):
            yield Happening(f"{{}} {text}", Sampled(readings), readings)
    yield from _ages(device)
    if isinstance(device, Driven):
        yield from _fates(device)
    if isinstance(device.spec, MoverSpec):
        for action in Action:
            order = Order(id="order", device=device.spec.id, action=action, principal="anybody", expires=EXPIRES)
            yield Happening(f"somebody orders {{}} to {action}", Ordered(order), order=action)


def _fates(device: Driven) -> Iterator[Happening]:
    if device.writing is None:
        return
    yield Happening("the wire acknowledges the outputs of {}", Wrote(device.writing.number))
    failed = Wrote(device.writing.number, Life.FAILED, "failed")
    yield Happening("the write of {}'s outputs fails, half-way perhaps", failed)


def _ages(device: Device) -> Iterator[Happening]:
    """Let readings grow too old, and a sensor's state last, before anybody looks. A reading that is bad is one too old."""
    for text, names in _groups(device.spec):
        if any(device.trusts(name, NOW) for name in names):
            yield Happening(f"the reading of {text} of {{}} grows too old", None, dict.fromkeys(names, UNREAD))
    if not isinstance(device, Driven) and device.since == NOW:
        yield Happening(f"{{}} has been {device.state} for long", None)


def _groups(spec: Spec) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(spec, MoverSpec):
        yield "the limit switches", (*spec.tops, *spec.bottoms)
    yield from ((name, (name,)) for name in (_others(spec) or spec.inputs))


def _pictures(spec: Spec) -> Iterator[tuple[str, Readings]]:
    """Return what the wire can give in one sample, with words for it; what is not in it stays as it was."""
    if isinstance(spec, MoverSpec):
        for word, (top, bottom) in IMAGES.items():
            tops, bottoms = dict.fromkeys(spec.tops, good(top, NOW)), dict.fromkeys(spec.bottoms, good(bottom, NOW))
            yield f"shows {word}", {**tops, **bottoms}
    else:
        for values in product(*(_values(spec, name) for name in spec.inputs)):
            shown = ", ".join(f"{name} {_word(value)}" for name, value in zip(spec.inputs, values, strict=True))
            yield f"reads {shown}", {n: good(v, NOW) for n, v in zip(spec.inputs, values, strict=True)}
    for name in _others(spec):
        yield from ((f"reads {name} {_word(value)}", {name: good(value, NOW)}) for value in _values(spec, name))


def _others(spec: Spec) -> tuple[str, ...]:
    limits = (*spec.tops, *spec.bottoms) if isinstance(spec, MoverSpec) else tuple(spec.inputs)
    return tuple(name for name in spec.inputs if name not in limits)


def _values(spec: Spec, name: str) -> tuple[Value, ...]:
    return (0, 1, 50) if (spec.kind, name) in NUMBERS else (True, False)


def _word(value: Value) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def after(device: Device, what: Happening) -> Device:
    """Return the device after time alone went by (`what` without an event)."""
    if what.readings is not None:
        return replace(device, readings={**device.readings, **what.readings})
    return replace(device, since=LONG_AGO)


def commands(spec: Spec, levels: tuple[tuple[str, Value], ...]) -> tuple[tuple[str, bool], ...]:
    """Return what the output `levels` switch, in this order: motions of steel, aspects of a signal."""
    found: list[tuple[str, bool]] = []
    for name, level in levels:
        if isinstance(spec, MoverSpec) and spec.drive.type == "setpoint":
            codes = {action: code for action, code in spec.drive.codes.items() if action != Action.STOP}
            found += sorted(((action, code == level) for action, code in codes.items()), key=lambda item: item[1])
        elif not isinstance(spec, MoverSpec) or name != Action.STOP:
            found.append((name, bool(level)))
    return tuple(found)


def opposite(spec: Spec, command: str) -> str:
    """Return the command that must never be on together with `command`."""
    pairs = (("halt", "go"),) if isinstance(spec, SignalSpec) else (("raise", "lower"),)
    return {**dict(pairs), **{b: a for a, b in pairs}}.get(command, "")
