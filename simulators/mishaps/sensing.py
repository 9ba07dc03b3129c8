"""Misfortune of what looks, counts and lights: loops, radars, counters, contacts, lamps, a crossing's controller."""

from __future__ import annotations

from collections.abc import Mapping

from simulators.build import Built
from simulators.errors import SimulationError
from simulators.mishaps.common import Mishap, Undo, plant, wired_to_tell
from simulators.mishaps.kinds import Options
from simulators.plants.sensors import Contact, Counter, Loop, Radar, TrafficController
from simulators.plants.signal import Light, Signal


def _lamp_out(target: str, options: Options, built: Built) -> Undo:
    light = plant("lamp-out", target, built, Light)
    lamp = options.get("lamp", next(iter(light.LAMPS)))
    if lamp not in light.LAMPS:
        raise SimulationError(f"lamp-out: there is no lamp {lamp!r}: expected {' or '.join(light.LAMPS)}")
    light.burnt.add(lamp)
    return lambda: light.burnt.discard(lamp)


def _lamp_flickers(target: str, options: Options, built: Built) -> Undo:
    return plant("lamp-flickers", target, built, Light).flickers_s.begin(options["every_s"])


def _aspects_shorted(target: str, options: Options, built: Built) -> Undo:
    return plant("aspects-shorted", target, built, Signal).shorted.begin(True)


def _controller_fails(target: str, options: Options, built: Built) -> Undo:
    controller = plant("controller-fails", target, built, TrafficController)
    how = options.get("how", "flashing")
    if how not in controller.WAYS:
        ways = " or ".join(controller.WAYS)
        raise SimulationError(f"controller-fails: it cannot fail as {how!r}: expected {ways}")
    wired_to_tell("controller-fails", target, how, built)
    controller.fails = how
    return lambda: setattr(controller, "fails", "")


def _loop_open(target: str, options: Options, built: Built) -> Undo:
    loop = plant("loop-open", target, built, Loop)
    loop.broken = True
    return lambda: setattr(loop, "broken", False)


def _loop_short(target: str, options: Options, built: Built) -> Undo:
    loop = plant("loop-short", target, built, Loop)
    loop.shorted = True
    return lambda: setattr(loop, "shorted", False)


def _loop_stuck(target: str, options: Options, built: Built) -> Undo:
    return plant("loop-stuck", target, built, Loop).shows.begin(True)


def _loop_deaf(target: str, options: Options, built: Built) -> Undo:
    return plant("loop-deaf", target, built, Loop).shows.begin(False)


def _loop_detuned(target: str, options: Options, built: Built) -> Undo:
    return plant("loop-detuned", target, built, Loop).forgets_s.begin(options["seconds"])


def _loop_crosstalk(target: str, options: Options, built: Built) -> Undo:
    loop = plant("loop-crosstalk", target, built, Loop)
    others = [n for n, w in built.field.wired.items() if isinstance(w.plant, Loop) and n != target]
    if options.get("with") not in others:
        wrong = f"{options['with']!r} is no other loop" if "with" in options else "`with` is missing"
        raise SimulationError(
            f"loop-crosstalk: {wrong}: expected with=LOOP, one of {', '.join(others) or '(none here)'}"
        )
    return loop.hears.begin(plant("loop-crosstalk", options["with"], built, Loop))


def _phantom(target: str, options: Options, built: Built) -> Undo:
    return plant("phantom", target, built, Loop).dreams_s.begin(options["every_s"])


def _radar_stuck(target: str, options: Options, built: Built) -> Undo:
    return plant("radar-stuck", target, built, Radar).shows.begin(options["kmh"])


def _count_wild(target: str, options: Options, built: Built) -> Undo:
    return plant("count-wild", target, built, Counter).shows.begin(options["people"])


def _counter_covered(target: str, options: Options, built: Built) -> Undo:
    return plant("counter-covered", target, built, Counter).shows.begin(0)


def _door_open(target: str, options: Options, built: Built) -> Undo:
    contact = plant("door-open", target, built, Contact)
    for name, supply in built.plan.supplies.items():
        if target in (supply.mains, supply.battery):
            raise SimulationError(
                f"door-open: {target} watches the supply {name}: expected mains-loss or battery-low {name}"
            )
    contact.level = not contact.normal
    return lambda: setattr(contact, "level", contact.normal)


SENSING_KINDS: Mapping[str, Mishap] = {
    "lamp-out": _lamp_out,
    "lamp-flickers": _lamp_flickers,
    "aspects-shorted": _aspects_shorted,
    "controller-fails": _controller_fails,
    "loop-open": _loop_open,
    "loop-short": _loop_short,
    "loop-stuck": _loop_stuck,
    "loop-deaf": _loop_deaf,
    "loop-detuned": _loop_detuned,
    "loop-crosstalk": _loop_crosstalk,
    "phantom": _phantom,
    "radar-stuck": _radar_stuck,
    "count-wild": _count_wild,
    "counter-covered": _counter_covered,
    "door-open": _door_open,
}
