"""Misfortune of units, points and the cables between them and the equipment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from simulators.build import Built
from simulators.errors import SimulationError
from simulators.image import Image
from simulators.mishaps.common import Mishap, Undo, again_and_again, force, output, plant, point, signal, together, unit
from simulators.mishaps.kinds import Options
from simulators.plants.mover import Mover
from simulators.profiles import PointRow, Value
from simulators.servers.adam import FIRST_OUTPUT, MODULES
from simulators.servers.serial_radar import SPEEDS
from simulators.words import missing

ANOTHER = "ANOTHER"


def _freeze(target: str, options: Options, built: Built) -> Undo:
    image, name = point("freeze", target, built)
    row = image.profile.points[name]
    if row.equals is not None and "node" in row.where:
        raw = [n for n, r in image.profile.points.items() if r.equals is None and _place(r) == _place(row)]
        if raw:
            raise SimulationError(f"freeze: {target} compares {raw[0]}: expected {image.unit}.{raw[0]}")
    return force([(image, name)], options.get("value"))


def _stick(target: str, options: Options, built: Built) -> Undo:
    return force(signal("stick", target, built), options.get("value"))


def _break_cable(target: str, options: Options, built: Built) -> Undo:
    return force(signal("break-cable", target, built), False)


def _cable_torn(target: str, options: Options, built: Built) -> Undo:
    mover = plant("cable-torn", target, built, Mover)
    wired = built.field.wired[target].channels
    channels = [channel for role in sorted(mover.SAYS & wired.keys()) for channel in wired[role]]
    return together([image.force(name, image.profile.points[name].idle) for image, name in channels])


def _both_limits(target: str, options: Options, built: Built) -> Undo:
    plant("both-limits", target, built, Mover)
    wired = built.field.wired[target].channels
    for (image, raised), (other, lowered) in zip(wired["raised"], wired["lowered"], strict=True):
        rows = image.profile.points[raised], other.profile.points[lowered]
        if image is other and all(row.equals is not None for row in rows) and _place(rows[0]) == _place(rows[1]):
            raise SimulationError(
                f"both-limits: {target} says where it stands by one code of {image.unit}: it cannot say both"
            )
    return force((*wired["raised"], *wired["lowered"]), True)


def _chatter(target: str, options: Options, built: Built) -> Undo:
    channels = signal("chatter", target, built)
    for image, name in channels:
        if not isinstance(image.profile.points[name].idle, bool):
            raise SimulationError(f"chatter: {target} is no contact: expected an input that is on or off")
    over: list[Undo] = []

    def turn() -> None:
        if over:
            over.pop()()
        else:
            over.append(together([image.force(name, not image.read(name)) for image, name in channels]))

    turn()
    stop = again_and_again(lambda: options["every_s"], turn)

    def undo() -> None:
        stop()
        if over:
            turn()

    return undo


def _another_module(target: str, options: Options, built: Built) -> Undo:
    image = unit("another-module", target, built)
    if not image.given:
        raise SimulationError(f"another-module: nothing tells who {target} is: a {image.profile.name} has no identity")
    return together([image.force(name, _other(value)) for name, value in image.given.items()])


def _other(value: Value) -> Value:
    match value:
        case bool():
            return not value
        case str():
            return ANOTHER
    return value - 1 if value else value + 1


def _echo_lies(target: str, options: Options, built: Built) -> Undo:
    image, name = output("echo-lies", target, built)
    return image.deafen(name)


def _welded(target: str, options: Options, built: Built) -> Undo:
    return _hold("welded", target, built, True)


def _relay_dead(target: str, options: Options, built: Built) -> Undo:
    return _hold("relay-dead", target, built, False)


def _dead_output(target: str, options: Options, built: Built) -> Undo:
    image, name = output("dead-output", target, built)
    return image.drive(name, image.drives(name))


def _hold(kind: str, target: str, built: Built, on: bool) -> Undo:
    image, name = output(kind, target, built)
    if not isinstance(image.profile.points[name].idle, bool):
        relays = ", ".join(_relays(image)) or "(none here)"
        raise SimulationError(f"{kind}: {target} is no relay: expected one of {relays}")
    return image.drive(name, on)


def _output_supply(target: str, options: Options, built: Built) -> Undo:
    image = unit("output-supply", target, built)
    if not (relays := _relays(image)):
        raise SimulationError(f"output-supply: {target} has no outputs: nothing could go off")
    return together([image.drive(name, False) for name in relays])


def _input_supply(target: str, options: Options, built: Built) -> Undo:
    image = unit("input-supply", target, built)
    inputs = _inputs_of(image)
    if not inputs:
        raise SimulationError(f"input-supply: {target} has no inputs: nothing could read false")
    return together([image.force(name, False) for name in inputs])


def _place(row: PointRow) -> list[Any]:
    return [row.where.get(key) for key in ("node", "table", "address", "mask")]


def _inputs_of(image: Image) -> list[str]:
    """Return the inputs that something outside is wired to: some models have them among their coils."""
    among_coils = range(FIRST_OUTPUT if image.profile.name in MODULES else 0)
    places = {n: (row.where.get("table"), row.where.get("address")) for n, row in image.profile.points.items()}
    return [n for n, (table, at) in places.items() if table == "discrete" or (table == "coil" and at in among_coils)]


def _relays(image: Image) -> list[str]:
    return [n for n, row in image.profile.points.items() if row.writable and isinstance(row.idle, bool)]


def _swap_inputs(target: str, options: Options, built: Built) -> Undo:
    image, name = point("swap-inputs", target, built)
    inputs = _inputs_of(image)
    other = options.get("with")
    if name not in inputs:
        raise SimulationError(f"swap-inputs: {missing(f'{image.unit} has no input', name, inputs)}")
    if other not in inputs or other == name:
        wrong = "`with` is missing" if other is None else missing(f"{image.unit} has no other input", other, inputs)
        raise SimulationError(f"swap-inputs: {wrong}: expected with=INPUT, another input of {image.unit}")
    return image.cross(name, other)


def _flag(kind: str, field: str, target: str, options: Options, built: Built) -> Undo:
    image = unit(kind, target, built)
    points = {row.where.get("field"): name for name, row in image.profile.points.items()}
    if field not in points:
        others = [
            n for n, i in built.images.items() if any(r.where.get("field") == field for r in i.profile.points.values())
        ]
        raise SimulationError(
            f"{kind}: {target} has no way to say so: a {image.profile.name} does not tell {field}: "
            f"expected one of {', '.join(others) or '(none here)'}"
        )
    undos = [image.force(points[field], True)]
    if field in ("standby", "self_test"):
        # Without its antenna it measures nothing.
        undos += [image.force(points[speed], 0) for speed in SPEEDS if speed in points]
    return together(undos)


POINT_KINDS: Mapping[str, Mishap] = {
    "freeze": _freeze,
    "stick": _stick,
    "break-cable": _break_cable,
    "cable-torn": _cable_torn,
    "both-limits": _both_limits,
    "chatter": _chatter,
    "another-module": _another_module,
    "echo-lies": _echo_lies,
    "welded": _welded,
    "relay-dead": _relay_dead,
    "dead-output": _dead_output,
    "output-supply": _output_supply,
    "input-supply": _input_supply,
    "swap-inputs": _swap_inputs,
    "standby": partial(_flag, "standby", "standby"),
    "self-test": partial(_flag, "self-test", "self_test"),
    "interference": partial(_flag, "interference", "rfi"),
    "low-voltage": partial(_flag, "low-voltage", "low_voltage"),
}
