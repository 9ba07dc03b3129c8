"""Misfortune of points and equipment: done at once, undone by what it returns."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from simulators.build import Built
from simulators.errors import SimulationError
from simulators.field import Channel
from simulators.image import Image
from simulators.plants.mover import Mover
from simulators.plants.sensors import Contact, Loop, TrafficController
from simulators.plants.signal import Light

Undo = Callable[[], None]
Options = Mapping[str, Any]
T = TypeVar("T")
Mishap = Callable[[str, Options, Built], Undo]


def strike(kind: str, target: str, options: Options, built: Built) -> Undo:
    """Let `kind` happen to `target`. Raises SimulationError that says what was expected."""
    return PLANT_KINDS[kind](target, options, built)


def _freeze(target: str, options: Options, built: Built) -> Undo:
    unit, _, point = target.partition(".")
    image = built.images.get(unit)
    if image is None or point not in image.profile.points:
        points = ", ".join(image.profile.points) if image is not None else "its points"
        raise SimulationError(f"freeze: there is no point {target!r}: expected UNIT.POINT with {points}")
    return _force([(image, point)], options.get("value"))


def _stick(target: str, options: Options, built: Built) -> Undo:
    return _force(_channels("stick", target, built), options.get("value"))


def _break_cable(target: str, options: Options, built: Built) -> Undo:
    return _force(_channels("break-cable", target, built), False)


def _jam(target: str, options: Options, built: Built) -> Undo:
    mover = _plant("jam", target, built, Mover)
    members = {int(options["member"])} if "member" in options else set(range(mover.members))
    if not members <= set(range(mover.members)):
        raise SimulationError(f"jam: {target} has no member {options['member']}: expected 0 to {mover.members - 1}")
    mover.jammed |= members
    return lambda: mover.jammed.difference_update(members)


def _lamp_out(target: str, options: Options, built: Built) -> Undo:
    light = _plant("lamp-out", target, built, Light)
    lamp = options.get("lamp", next(iter(light.LAMPS)))
    if lamp not in light.LAMPS:
        raise SimulationError(f"lamp-out: there is no lamp {lamp!r}: expected {' or '.join(light.LAMPS)}")
    light.burnt.add(lamp)
    return lambda: light.burnt.discard(lamp)


def _obstruct(target: str, options: Options, built: Built) -> Undo:
    mover = _plant("obstruct", target, built, Mover)
    _wired_to_tell("obstruct", target, "obstruction", built)
    mover.obstructed = True
    return lambda: setattr(mover, "obstructed", False)


def _estop(target: str, options: Options, built: Built) -> Undo:
    mover = _plant("estop", target, built, Mover)
    _wired_to_tell("estop", target, "estop", built)
    mover.key.stopped = True
    return lambda: setattr(mover.key, "stopped", False)


def _controller_fails(target: str, options: Options, built: Built) -> Undo:
    controller = _plant("controller-fails", target, built, TrafficController)
    how = options.get("how", "flashing")
    if how not in controller.WAYS:
        ways = " or ".join(controller.WAYS)
        raise SimulationError(f"controller-fails: it cannot fail as {how!r}: expected {ways}")
    _wired_to_tell("controller-fails", target, how, built)
    controller.fails = how
    return lambda: setattr(controller, "fails", "")


def _loop_open(target: str, options: Options, built: Built) -> Undo:
    loop = _plant("loop-open", target, built, Loop)
    loop.broken = True
    return lambda: setattr(loop, "broken", False)


def _loop_short(target: str, options: Options, built: Built) -> Undo:
    loop = _plant("loop-short", target, built, Loop)
    loop.shorted = True
    return lambda: setattr(loop, "shorted", False)


def _mains_loss(target: str, options: Options, built: Built) -> Undo:
    supply = built.plan.supplies.get(target)
    if supply is None:
        known = ", ".join(built.plan.supplies) or "(simulation.yaml defines none)"
        raise SimulationError(f"mains-loss: there is no supply {target!r}: expected one of {known}")
    fed = [built.field.wired[name].plant for name in supply.feeds]
    mains, battery = _contact(supply.mains, built), _contact(supply.battery, built)

    def switch(on: bool) -> None:
        for plant in fed:
            plant.power = on
        _disturb(mains, not on)

    switch(False)
    wait = float(options.get("battery_s", supply.battery_s))
    timer = asyncio.get_running_loop().call_later(wait, _disturb, battery, True)

    def undo() -> None:
        timer.cancel()
        switch(True)
        _disturb(battery, False)

    return undo


def _contact(name: str | None, built: Built) -> Contact | None:
    plant = None if name is None else built.field.wired[name].plant
    return plant if isinstance(plant, Contact) else None


def _disturb(contact: Contact | None, disturbed: bool) -> None:
    if contact is not None:
        contact.level = contact.normal ^ disturbed


PLANT_KINDS: Mapping[str, Mishap] = {
    "freeze": _freeze,
    "stick": _stick,
    "break-cable": _break_cable,
    "jam": _jam,
    "obstruct": _obstruct,
    "estop": _estop,
    "lamp-out": _lamp_out,
    "controller-fails": _controller_fails,
    "loop-open": _loop_open,
    "loop-short": _loop_short,
    "mains-loss": _mains_loss,
}


def _force(channels: list[tuple[Image, str]], value: Any) -> Undo:
    wanted = [(i, p, i.read(p) if value is None else _fit(i, p, value)) for i, p in channels]
    releases = [image.force(point, shown) for image, point, shown in wanted]

    def undo() -> None:
        for release in releases:
            release()

    return undo


def _fit(image: Image, point: str, value: Any) -> bool | int | float | str:
    """Return `value` in the point's own type."""
    row = image.profile.points[point]
    if isinstance(row.idle, bool):
        if not isinstance(value, bool):
            raise SimulationError(f"{image.unit}.{point}: expected true or false, found {value!r}")
        return value
    if row.type == "text":
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SimulationError(f"{image.unit}.{point}: expected a number, found {value!r}")
    return value


def _channels(kind: str, target: str, built: Built) -> list[Channel]:
    plant, _, rest = target.partition(".")
    role, _, member = rest.partition(".")
    wired = built.field.wired.get(plant)
    if wired is None or role not in wired.channels or role in wired.plant.ORDERS:
        known = ", ".join(f"{plant}.{r}" for r in _inputs(plant, built)) or ", ".join(built.field.wired)
        raise SimulationError(f"{kind}: there is no signal {target!r}: expected PLANT.SIGNAL[.MEMBER], e.g. of {known}")
    channels = list(wired.channels[role])
    if not member:
        return channels
    if not (member.isdigit() and int(member) < len(channels)):
        raise SimulationError(f"{kind}: {plant}.{role} has no member {member!r}: expected 0 to {len(channels) - 1}")
    return [channels[int(member)]]


def _inputs(plant: str, built: Built) -> Iterator[str]:
    wired = built.field.wired.get(plant)
    if wired is not None:
        yield from (role for role in wired.channels if role not in wired.plant.ORDERS)


def _wired_to_tell(kind: str, plant: str, role: str, built: Built) -> None:
    """Refuse a trouble that nobody could notice."""
    if role not in built.field.wired[plant].channels:
        raise SimulationError(f"{kind}: {plant} has no channel {role!r} in simulation.yaml: nobody could see it")


def _plant(kind: str, target: str, built: Built, wanted: type[T]) -> T:
    wired = built.field.wired.get(target)
    if wired is None or not isinstance(wired.plant, wanted):
        fitting = ", ".join(n for n, w in built.field.wired.items() if isinstance(w.plant, wanted)) or "(none here)"
        what = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", wanted.__name__).lower()
        raise SimulationError(f"{kind}: {target!r} is no {what}: expected one of {fitting}")
    return wired.plant
