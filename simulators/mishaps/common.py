"""What every misfortune of points and equipment needs: to find what it befalls, and to show a wrong value."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from simulators.build import Built
from simulators.errors import SimulationError
from simulators.field import Channel
from simulators.image import Image
from simulators.mishaps.kinds import Options
from simulators.words import missing

Undo = Callable[[], None]
Mishap = Callable[[str, Options, Built], Undo]
T = TypeVar("T")


def together(undos: Iterable[Undo]) -> Undo:
    """Undo several things as one."""
    listed = list(undos)

    def undo() -> None:
        for each in listed:
            each()

    return undo


def again_and_again(every_s: Callable[[], float], act: Callable[[], None]) -> Undo:
    """Call `act` whenever the seconds are over that `every_s` then gives, until undone."""
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def ring() -> None:
        nonlocal timer
        act()
        timer = loop.call_later(every_s(), ring)

    timer = loop.call_later(every_s(), ring)
    return lambda: timer.cancel()


def plant(kind: str, target: str, built: Built, wanted: type[T]) -> T:
    """Return a plant of a class. Raises SimulationError that lists those there are."""
    wired = built.field.wired.get(target)
    if wired is None or not isinstance(wired.plant, wanted):
        fitting = ", ".join(n for n, w in built.field.wired.items() if isinstance(w.plant, wanted)) or "(none here)"
        what = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", wanted.__name__).lower()
        raise SimulationError(f"{kind}: {target!r} is no {what}: expected one of {fitting}")
    return wired.plant


def wired_to_tell(kind: str, target: str, role: str, built: Built) -> None:
    """Refuse a trouble that nobody could notice."""
    if role not in built.field.wired[target].channels:
        raise SimulationError(f"{kind}: {target} has no channel {role!r} in simulation.yaml: nobody could see it")


def unit(kind: str, target: str, built: Built) -> Image:
    """Return a unit's image. Raises SimulationError."""
    if target not in built.images:
        raise SimulationError(f"{kind}: {missing('there is no unit', target, built.images)}")
    return built.images[target]


def point(kind: str, target: str, built: Built) -> Channel:
    """Return a point of a unit. Raises SimulationError."""
    name, _, rest = target.partition(".")
    image = built.images.get(name)
    if image is None or rest not in image.profile.points:
        points = ", ".join(image.profile.points) if image is not None else "its points"
        raise SimulationError(f"{kind}: there is no point {target!r}: expected UNIT.POINT with {points}")
    return image, rest


def output(kind: str, target: str, built: Built) -> Channel:
    """Return an output of a unit. Raises SimulationError."""
    image, name = point(kind, target, built)
    if not image.profile.points[name].writable:
        outputs = ", ".join(n for n, row in image.profile.points.items() if row.writable)
        raise SimulationError(f"{kind}: {target} is an input: expected an output, one of {outputs or '(none here)'}")
    return image, name


def signal(kind: str, target: str, built: Built) -> list[Channel]:
    """Return the inputs that a plant's signal is wired to. Raises SimulationError."""
    name, _, rest = target.partition(".")
    role, _, member = rest.partition(".")
    wired = built.field.wired.get(name)
    if wired is None or role not in wired.channels or role in wired.plant.ORDERS:
        known = ", ".join(f"{name}.{r}" for r in _inputs(name, built)) or ", ".join(built.field.wired)
        raise SimulationError(f"{kind}: there is no signal {target!r}: expected PLANT.SIGNAL[.MEMBER], e.g. of {known}")
    channels = list(wired.channels[role])
    if not member:
        return channels
    if not (member.isdigit() and int(member) < len(channels)):
        raise SimulationError(f"{kind}: {name}.{role} has no member {member!r}: expected 0 to {len(channels) - 1}")
    return [channels[int(member)]]


def force(channels: Iterable[Channel], value: Any) -> Undo:
    """Show a value on points whatever drives them; None: what they show now. Raises SimulationError."""
    wanted = [(i, p, i.read(p) if value is None else _fit(i, p, value)) for i, p in channels]
    return together([image.force(name, shown) for image, name, shown in wanted])


def _fit(image: Image, name: str, value: Any) -> bool | int | float | str:
    """Return `value` in the point's own type."""
    row = image.profile.points[name]
    if isinstance(row.idle, bool):
        if not isinstance(value, bool):
            raise SimulationError(f"{image.unit}.{name}: expected true or false, found {value!r}")
        return value
    if row.type == "text":
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SimulationError(f"{image.unit}.{name}: expected a number, found {value!r}")
    return value


def _inputs(name: str, built: Built) -> Iterator[str]:
    wired = built.field.wired.get(name)
    if wired is not None:
        yield from (role for role in wired.channels if role not in wired.plant.ORDERS)
