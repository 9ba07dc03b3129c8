"""What the world can do to a device at any moment: its readings, its wire, the people, time.

The world is not modelled to be reasonable: limit switches may show anything after anything, a vehicle may come and go in no
time, a write may fail before, while or after it took effect. Whatever the real field does is among it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from itertools import product

from controller.core.command import Authority, Life, Order, Wish
from controller.core.device import Device, Event, Lost, Ordered, Restored, Sampled, Ticked, Wrote
from controller.core.modes import Holds, Latch, Tag
from controller.core.mover import MOTIONS, Mover
from controller.core.outputs import Driven
from controller.core.readings import Readings, Value, good
from controller.core.spec import Action, Kind, MoverSpec, SignalSpec, Spec
from controller.proof.clock import NOW
from controller.proof.shape import FRESH, LONG_AGO, UNREAD

SOMEBODY = "somebody"

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

    `event` is None where only time goes by and nobody looks yet. `under` is the device with what its nodes do not keep and this
    happening is about: somebody holds it, or its button is let go. `barred` orders are tried where nothing else forbids them.
    `agreed` tells that two people have asked for its motion under the lockdown that it tells of.
    """

    text: str
    event: Event | None = field(compare=False)
    readings: Readings | None = field(default=None, compare=False)
    order: Action | None = None
    under: Mover | None = field(default=None, compare=False)
    barred: bool = False
    agreed: bool = False


LATCHED = "the emergency of {} is latched"

HOLDS = {
    "{} is locked out": Holds(tags=(Tag("tag", SOMEBODY, "works"),)),
    LATCHED: Holds(efo=Latch(SOMEBODY, "operator", "fired")),
    "somebody else holds {} in test": Holds(test="somebody else"),
    "what is held over {} is not known": Holds(known=False),
}
SIGNS = {
    "local": ("the key switch of {} is in local", "the key switch of {} cannot be read"),
    "estop": ("the emergency stop of {} is pressed", "the emergency stop of {} cannot be read"),
    "obstruction": ("{} meets an obstruction", "the obstruction sensor of {} cannot be read"),
}
"""What people hold over a mover, and what its inputs beside the limit switches say.

All of it only forbids, and moves nothing when it comes or goes. So a node keeps none of it: it is there for one look or one
order, at any moment; what an event under it leaves is what the event leaves, and then a look under it. Leaving a limit while
the key switch excuses it (R18) is tried at once. That it forbids is not assumed but looked at ("e" of `machine_checks`).
"""


class _WithStop(MoverSpec):
    """A mover that is stopped without an output of its own for it: that output switches no motion on."""

    @property
    def stoppable(self) -> bool:
        return True


def timeless(spec: Spec) -> Spec:
    """Return `spec` with ages that no step reaches, as growing too old is a happening here, and without "stop"."""
    spec = replace(spec, inputs=dict.fromkeys(spec.inputs, AGE_S), limits={})
    if not isinstance(spec, MoverSpec) or Action.STOP not in spec.outputs:
        return spec
    kept = {one.name: getattr(spec, one.name) for one in fields(spec) if one.init}
    return _WithStop(**{**kept, "outputs": tuple(name for name in spec.outputs if name != Action.STOP)})


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
    if isinstance(device, Mover):
        yield from _people(device)


def _people(mover: Mover) -> Iterator[Happening]:
    plain = Order(id="order", device=mover.spec.id, action=Action.STOP, principal=SOMEBODY, expires=EXPIRES)
    for action in Action:
        yield Happening(f"somebody orders {{}} to {action}", Ordered(replace(plain, action=action)), order=action)
    emergency = replace(plain, action=mover.spec.secures, authority=Authority.EMERGENCY)
    yield Happening("somebody fires the emergency of {}", Ordered(emergency), order=mover.spec.secures)
    if mover.order is not None and mover.spec.stoppable:
        held = replace(mover, order=replace(mover.order, hold=True), held_until=LONG_AGO)
        yield Happening("somebody lets go of the button of {}", Ticked(), under=held)
    orders = [(f"somebody orders it to {action}", replace(plain, action=action)) for action in MOTIONS]
    orders.append(("somebody fires its emergency", emergency))
    yield from _agreed(mover, plain)
    for text, under, sign in _forbidden(mover):
        yield Happening(text, Ticked(), under=under)
        for told, order in orders:
            yield Happening(f"{text}, and {told}", Ordered(order), order=Action(order.action), under=under, barred=True)
        if sign == "local" and under.truth("local", NOW):
            for shown, readings in _pictures(mover.spec):
                yield Happening(f"{text}, and it {shown}", Sampled(readings), readings, under=under)


def _agreed(mover: Mover, plain: Order) -> Iterator[Happening]:
    """Let two people open a mover under a lockdown, and the motion that they asked for go on under it."""
    latch, opens = HOLDS[LATCHED].efo, mover.spec.opens
    assert latch is not None  # noqa: S101 (it is latched there)
    wish = Wish(opens, SOMEBODY, "wish", EXPIRES, latch.order)
    latched = replace(mover, holds=HOLDS[LATCHED], wishes=(wish,))
    seconds = Ordered(replace(plain, action=opens, principal="somebody else", person=True))
    yield Happening(f"{LATCHED}, and two people order it to {opens}", seconds, order=opens, under=latched, agreed=True)
    if mover.order is not None and mover.motion is opens:
        under = replace(latched, wishes=(), order=replace(mover.order, person=True, together_with=wish))
        yield Happening(f"{LATCHED}, as two people know who open it", Ticked(), under=under, agreed=True)


def _forbidden(mover: Mover) -> Iterator[tuple[str, Mover, str]]:
    """Return the mover under each hold, and under each sign; an emergency that waits is latched under all of them."""
    latch = HOLDS[LATCHED].efo if mover.waiting and mover.emergency else None
    for text, holds in HOLDS.items():
        yield text, replace(mover, holds=replace(holds, efo=holds.efo or latch)), ""
    for name in (name for name in SIGNS if name in mover.spec.inputs):
        for text, reading in zip(SIGNS[name], (FRESH[True], UNREAD), strict=True):
            readings = {**mover.readings, name: reading}
            yield text, replace(mover, readings=readings, holds=Holds(efo=latch)), name


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
    else:
        yield from ((name, (name,)) for name in spec.inputs)


def _pictures(spec: Spec) -> Iterator[tuple[str, Readings]]:
    """Return what the wire can give in one sample, with words for it; what is not in it stays as it was."""
    if isinstance(spec, MoverSpec):
        for word, (top, bottom) in IMAGES.items():
            tops, bottoms = dict.fromkeys(spec.tops, good(top, NOW)), dict.fromkeys(spec.bottoms, good(bottom, NOW))
            yield f"shows {word}", {**tops, **bottoms}
        return
    for values in product(*(_values(spec, name) for name in spec.inputs)):
        shown = ", ".join(f"{name} {_word(value)}" for name, value in zip(spec.inputs, values, strict=True))
        yield f"reads {shown}", {n: good(v, NOW) for n, v in zip(spec.inputs, values, strict=True)}


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
