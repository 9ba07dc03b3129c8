"""`rempart point list|read|watch|write`: one point at a time, to prove that what is drawn is what is wired."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from controller.cli import client, people
from controller.cli.arguments import seconds
from controller.cli.exits import Exit, Failure
from controller.commissioning.desk import Change, Desk
from controller.config.plainwords import suggest

LONGEST_S = 30.0
"""As the controller's own: an output is forced no longer."""

LEVELS = {"on": True, "true": True, "off": False, "false": False}

WRITES = """\
`write` sets one output of a mover by hand, for as long as this command runs and --for S at most, and then releases it. The
device has to be in test, held by you (`rempart test DEVICE`): nobody else moves it meanwhile, and what would forbid the motion
that the output is drawn for forbids this too. `off` releases an output that another terminal has set."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point is, and the signals of devices that are wired to it."""

    unit: str
    point: str
    signals: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.unit}.{self.point}"


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.epilog = WRITES
    parser.add_argument("what", choices=("list", "read", "watch", "write"), help="what to do")
    parser.add_argument(
        "point", metavar="POINT", nargs="?", default="", help="UNIT.POINT or DEVICE.SIGNAL; list: a unit or device"
    )
    parser.add_argument("value", metavar="VALUE", nargs="?", help="write: on, off, or a set point's code")
    parser.add_argument(
        "--for", dest="for_s", metavar="S", type=seconds(LONGEST_S), default=0.5, help="write: so long at most (0.5)"
    )
    parser.add_argument("--every", metavar="S", type=seconds(LONGEST_S), default=0.5, help="watch: so often (0.5)")
    parser.add_argument("--reason", metavar="TEXT", default="", help="write: why; it is written into the journal")
    people.declare(parser)
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line where it goes on")
    client.declare(parser)


def run(given: Namespace) -> Exit:
    """Do it."""
    if given.what != "list" and not given.point:
        raise Failure(
            Exit.USAGE, f"which point? `rempart point {given.what} UNIT.POINT`; `rempart point list` names them"
        )
    if (given.what == "write") != (given.value is not None):
        raise Failure(Exit.USAGE, "`write` takes a value, on or off, and nothing else does")
    with client.Client(client.find(given)) as controller:
        units = controller.get("units")
        if given.what == "list":
            return _list(units, given)
        place = found(units, given.point)
        return _write(controller, place, given) if given.what == "write" else _read(controller, place, given)


def found(units: list[Mapping[str, Any]], name: str) -> Place:
    """Return the place of UNIT.POINT or DEVICE.SIGNAL. Raises Failure."""
    places = list(_places(units))
    for place in places:
        if name in (str(place), *place.signals):
            return place
    known = [str(place) for place in places] + [signal for place in places for signal in place.signals]
    raise Failure(Exit.USAGE, f"there is no point {name!r}{suggest(name, known)}; `rempart point list` names them all")


def _places(units: list[Mapping[str, Any]]) -> Iterator[Place]:
    for unit in units:
        for point in unit["points"]:
            yield Place(unit["id"], point["id"], tuple(point["signals"]))


def _list(units: list[Mapping[str, Any]], given: Namespace) -> Exit:
    rows = [
        (unit, point, signal)
        for unit in units
        for point in unit["points"]
        for signal in point["signals"] or [""]
        if given.point in ("", unit["id"], signal.partition(".")[0])
    ]
    if not rows:
        signals = [signal for unit in units for point in unit["points"] for signal in point["signals"]]
        known = {*(unit["id"] for unit in units), *(signal.partition(".")[0] for signal in signals)}
        raise Failure(
            Exit.USAGE, f"there is no unit or device {given.point!r} with points{suggest(given.point, known)}"
        )
    if given.json:
        print(json.dumps([{"unit": u["id"], **p} for u, p, _ in rows], indent=2, ensure_ascii=False))
        return Exit.DONE
    width = max(len(f"{unit['id']}.{point['id']}") for unit, point, _ in rows)
    for unit, point, signal in rows:
        mark = "w" if point["writable"] else " "
        print(
            f"{unit['id']}.{point['id']:{width - len(unit['id']) - 1}} {mark} {signal or point['title']}"[:80].rstrip()
        )
    return Exit.DONE


def _read(controller: client.Client, place: Place, given: Namespace) -> Exit:
    while True:
        told = controller.get(f"units/{place.unit}/points/{place.point}")
        print(json.dumps(told, ensure_ascii=False) if given.json else shown(told), flush=True)
        if given.what == "read":
            return Exit.DONE
        time.sleep(given.every)


def shown(told: Mapping[str, Any]) -> str:
    """Say a point in a line: its value with its unit, the raw value where it is another, quality, and what is wired to it."""
    value = told["value"]
    words = {True: "on", False: "off", None: "no value"}
    text = (
        words[value]
        if value is None or isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
    raw = "" if told["raw"] == value else f" (raw {told['raw']})"
    unit = f" {told['unit']}" if told["unit"] and value is not None else ""
    quality = "" if told["quality"] == "good" else f" {told['quality']}"
    signals = f"  {', '.join(told['signals'])}" if told["signals"] else ""
    return f"{told['unit_id']}.{told['id']} {text}{unit}{raw}{quality}{signals}"


def _write(controller: client.Client, place: Place, given: Namespace) -> Exit:
    device, signal = _output(controller, place)
    level = _level(given.value)
    desk = Desk(controller, device, given.by)
    if level is False:
        command = desk.order("set-output", given.reason, point=signal, level=False)
        return _told(command["life"], f"{device}.{signal}: {command['because']}", command, given)
    said = None if given.json else _say
    driven = desk.drive(
        "set-output", given.for_s, seen=said or (lambda _: None), point=signal, level=level, reason=given.reason
    )
    end = f"{device}.{signal} ({place}): {driven.why}"
    return _told(driven.life, end, {**driven.command, "changes": driven.changes}, given)


def _say(change: Change) -> None:
    at, signal, level = change
    print(f"  {at:5.2f} s  {signal} {'on' if level is True else 'off' if level is False else level}", flush=True)


def _told(life: str, end: str, command: Mapping[str, Any], given: Namespace) -> Exit:
    code = {"confirmed": Exit.DONE, "refused": Exit.REFUSED}.get(life, Exit.NOT_DONE)
    if given.json:
        print(json.dumps(command, indent=2, ensure_ascii=False))
    elif code is Exit.DONE:
        print(end)
    if code is not Exit.DONE:
        raise Failure(code, f"{'refused: ' if code is Exit.REFUSED else ''}{end}")
    return code


def _output(controller: client.Client, place: Place) -> tuple[str, str]:
    """Return the mover and the output of it that is wired to a place. Raises Failure."""
    for name in place.signals:
        device, _, signal = name.partition(".")
        shown = controller.get(f"devices/{device}")
        if shown["secures_by"] and signal not in shown["points"]:
            return device, signal
    wired = f"it is wired to {', '.join(place.signals)}" if place.signals else "nothing of this site is wired to it"
    raise Failure(
        Exit.USAGE,
        f"{place} is no output of a bollard, barrier or road blocker: {wired}; no more is set by hand",
    )


def _level(text: str) -> bool | int:
    if text.lower() in LEVELS:
        return LEVELS[text.lower()]
    try:
        return int(text)
    except ValueError:
        raise Failure(Exit.USAGE, f"{text!r}: expected on, off, or the code of a set point") from None
