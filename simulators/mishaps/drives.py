"""Misfortune of steel and of what moves it."""

from __future__ import annotations

from collections.abc import Mapping

from simulators.build import Built
from simulators.errors import SimulationError
from simulators.mishaps.common import Mishap, Undo, plant, together, wired_to_tell
from simulators.mishaps.kinds import Options
from simulators.plants.mover import Mover

WAYS = {"raise": 1, "lower": -1}


def _jam(target: str, options: Options, built: Built) -> Undo:
    mover = plant("jam", target, built, Mover)
    members = _members("jam", target, options, mover)
    mover.jammed |= members
    return lambda: mover.jammed.difference_update(members)


def _weak(target: str, options: Options, built: Built) -> Undo:
    mover = plant("weak", target, built, Mover)
    members = _members("weak", target, options, mover)
    return together([mover.ills.strength[member].begin(options["part"]) for member in members])


def _members(kind: str, target: str, options: Options, mover: Mover) -> set[int]:
    members = {int(options["member"])} if "member" in options else set(range(mover.members))
    if not members <= set(range(mover.members)):
        raise SimulationError(f"{kind}: {target} has no member {options['member']}: expected 0 to {mover.members - 1}")
    return members


def _halfway(target: str, options: Options, built: Built) -> Undo:
    return plant("halfway", target, built, Mover).ills.ends_at.begin(options["at"])


def _sink(target: str, options: Options, built: Built) -> Undo:
    return plant("sink", target, built, Mover).ills.sinks.begin(options["per_s"])


def _coast(target: str, options: Options, built: Built) -> Undo:
    return plant("coast", target, built, Mover).ills.coasts_s.begin(options["seconds"])


def _self_start(target: str, options: Options, built: Built) -> Undo:
    return plant("self-start", target, built, Mover).ills.starts.begin(WAYS[options["way"]])


def _release(target: str, options: Options, built: Built) -> Undo:
    return plant("release", target, built, Mover).ills.released.begin(True)


def _reversed(target: str, options: Options, built: Built) -> Undo:
    return plant("reversed", target, built, Mover).ills.turned.begin(True)


def _pushed(target: str, options: Options, built: Built) -> Undo:
    return plant("pushed", target, built, Mover).ills.pushed.begin(options["to"])


def _limit_early(target: str, options: Options, built: Built) -> Undo:
    return plant("limit-early", target, built, Mover).ills.early[options["end"]].begin(options["by"])


def _limit_late(target: str, options: Options, built: Built) -> Undo:
    return plant("limit-late", target, built, Mover).ills.late_s[options["end"]].begin(options["seconds"])


def _obstruct(target: str, options: Options, built: Built) -> Undo:
    mover = plant("obstruct", target, built, Mover)
    wired_to_tell("obstruct", target, "obstruction", built)
    mover.obstructed = True
    return lambda: setattr(mover, "obstructed", False)


def _estop(target: str, options: Options, built: Built) -> Undo:
    mover = plant("estop", target, built, Mover)
    wired_to_tell("estop", target, "estop", built)
    mover.key.stopped = True
    return lambda: setattr(mover.key, "stopped", False)


def _key_left(target: str, options: Options, built: Built) -> Undo:
    mover = plant("key-left", target, built, Mover)
    # Of movers with one key switch, one is wired to tell.
    fellows = [n for n, w in built.field.wired.items() if isinstance(w.plant, Mover) and w.plant.key is mover.key]
    if not any("local" in built.field.wired[name].channels for name in fellows):
        wired_to_tell("key-left", target, "local", built)
    before = mover.key.local
    mover.key.local = True
    return lambda: setattr(mover.key, "local", before)


DRIVE_KINDS: Mapping[str, Mishap] = {
    "jam": _jam,
    "weak": _weak,
    "halfway": _halfway,
    "sink": _sink,
    "coast": _coast,
    "self-start": _self_start,
    "release": _release,
    "reversed": _reversed,
    "pushed": _pushed,
    "limit-early": _limit_early,
    "limit-late": _limit_late,
    "obstruct": _obstruct,
    "estop": _estop,
    "key-left": _key_left,
}
