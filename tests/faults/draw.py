"""The schedule of a seed: which faults strike a site, and when. A seed decides, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from controller.config.site import Site
from tests.faults.life import EVERYBODY, life
from tests.faults.schedule import INPUT_KINDS, LONGEST_S, MACHINE_KINDS, Happening, Schedule
from tests.faults.targets import Targets, targets_of
from tests.faults.weather import KINDS as WIRE_KINDS

SHORTEST = 0.56
"""The shortest schedule lasts this part of the longest."""
DRILL, RARE_DRILL, BEFORE_DRILL_S, DRILL_S = 0.5, 0.05, 12.0, 26.0
"""This part of the schedules has a lockdown in which one mover is spared every fault, from a while before to the end; few of
those that would be hardly anything else have one."""
UNDONE_S = 2.0
"""How long people may take to undo what they did."""
FAULTS_EVERY_S, ORDER_EVERY_S = (2.0, 3.0, 7.0), 5.0
"""Some schedules are so full of faults that hardly anything works, others leave room for what takes long."""
NEAR, BEFORE_S, AFTER_S = 0.5, 0.3, 1.5
"""This part of the faults strikes about the time of an order, from a little before to a little after: where it hurts."""


def draw(site: Site, name: str, seed: int, longest_s: float = LONGEST_S) -> Schedule:
    """Make the schedule of `seed` for `site`, which is called `name` on the command line."""
    rng, targets = Random(f"{seed}/schedule/{name}"), targets_of(site)
    lasts_s = round(rng.uniform(SHORTEST * longest_s, longest_s), 1)
    faults, orders = int(lasts_s / rng.choice(FAULTS_EVERY_S)), int(lasts_s / ORDER_EVERY_S)
    found = [life(rng, targets, _when(rng, lasts_s), number) for number in range(orders)]
    near = [h.at for h in found if h.kind in ("order", "lockdown", "passage")]
    found += [_fault(rng, targets, _fault_at(rng, lasts_s, near)) for _ in range(faults)]
    if rng.random() < (DRILL if lasts_s > 2 * (BEFORE_DRILL_S + DRILL_S) else RARE_DRILL):
        found = drilled(rng, targets, lasts_s, found)
        lasts_s = max(lasts_s, found[-1].at + DRILL_S)
    return Schedule(name, seed, lasts_s, longest_s, tuple(sorted(found, key=lambda h: (h.at, h.kind, h.target))))


def drilled(rng: Random, targets: Targets, lasts_s: float, found: Sequence[Happening]) -> list[Happening]:
    """Return `found` and at last a lockdown of all, in which nothing befalls one mover and nobody stops or resets it."""
    at = round(rng.uniform(BEFORE_DRILL_S, max(BEFORE_DRILL_S + 1, lasts_s - DRILL_S)), 3)
    spared = targets.hangs_on[rng.choice(targets.movers)]

    def disturbs(happening: Happening) -> bool:
        ends = happening.at + happening.for_s + (UNDONE_S if happening.for_s else 0.0)
        if ends < at - BEFORE_DRILL_S or happening.at > at + DRILL_S:
            return False
        harmless = happening.kind in ("hold", "passage") or (
            happening.kind == "order" and dict(happening.options)["action"] != "stop"
        )
        return not harmless and happening.target.partition(".")[0] in spared

    fire = (("id", "drill"), ("by", rng.choice(EVERYBODY)), ("expires_in_s", rng.choice((2.0, 5.0))))
    drill = Happening(at, "lockdown", targets.site, DRILL_S, fire)
    return [*(happening for happening in found if not disturbs(happening)), drill]


def _when(rng: Random, lasts_s: float) -> float:
    return round(rng.uniform(0.5, lasts_s), 3)


def _fault_at(rng: Random, lasts_s: float, orders: Sequence[float]) -> float:
    if orders and rng.random() < NEAR:
        return round(max(0.0, rng.choice(orders) + rng.uniform(-BEFORE_S, AFTER_S)), 3)
    return _when(rng, lasts_s)


def _fault(rng: Random, targets: Targets, at: float) -> Happening:
    draw_one = rng.choices((_wire, _input, _machine), (6, 4, 3))[0]
    return draw_one(rng, targets, at)


def _wire(rng: Random, targets: Targets, at: float) -> Happening:
    kind = rng.choice(WIRE_KINDS)
    whole = kind == "partition" or rng.random() < 0.3
    target = rng.choice(targets.links if whole else targets.units)
    for_s = round(rng.choice((0.3, 1.0, 3.0, 8.0)) * rng.uniform(0.5, 1.5), 2)
    options: list[tuple[str, Any]] = []
    if kind not in ("partition", "stranger"):
        options.append(("p", rng.choice((0.1, 0.3, 1.0))))
    if kind.startswith("late"):
        options.append(("late_s", rng.choice((0.05, 0.3, 0.9))))
    return Happening(at, kind, target, for_s, tuple(options))


def _input(rng: Random, targets: Targets, at: float) -> Happening:
    for_s = round(rng.uniform(0.2, 9.0), 2)
    kind = rng.choice(INPUT_KINDS)
    if kind.startswith("loop") and targets.loops:
        return Happening(at, kind, rng.choice(targets.loops), for_s)
    if kind == "lamp-out" and targets.lamps:
        light, lamp = rng.choice(targets.lamps)
        return Happening(at, kind, light, for_s, (("lamp", lamp),))
    if kind == "jam":
        return Happening(at, kind, rng.choice(targets.movers), for_s)
    if kind in ("stick", "break-cable"):
        return Happening(at, kind, f"{rng.choice(targets.movers)}.{rng.choice(('raised', 'lowered'))}", for_s)
    options = (("every_s", rng.choice((0.07, 0.3, 0.8))),) if kind == "oscillate" else ()
    kind = kind if kind in ("freeze", "oscillate") else "freeze"
    return Happening(at, kind, rng.choice(targets.points), for_s, options)


def _machine(rng: Random, targets: Targets, at: float) -> Happening:
    match rng.choice(MACHINE_KINDS):
        case "reboot":
            return Happening(at, "reboot", rng.choice(targets.units), round(rng.uniform(0.1, 3.0), 2))
        case "slow-disk":
            return Happening(
                at, "slow-disk", "disk", round(rng.uniform(0.5, 6.0), 2), (("slow_s", rng.choice((0.05, 0.7, 4.0))),)
            )
        case "full-disk":
            return Happening(at, "full-disk", "disk", round(rng.uniform(0.5, 8.0), 2))
        case "wall-jump":
            return Happening(
                at, "wall-jump", "clock", 0.0, (("seconds", rng.choice((-7200.0, -60.0, -1.0, 0.5, 3600.0))),)
            )
        case _:
            after = rng.choice(("now", "frame", "commit", "order"))
            return Happening(
                at,
                "crash",
                "controller",
                round(rng.uniform(0.05, 4.0), 2),
                (("after", after), ("turns", rng.randint(0, 12))),
            )
