"""What people and vehicles do on a site, drawn at random: orders above all, and whatever else a site lives with."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.faults.people import OPERATORS, SUPERVISOR
from tests.faults.schedule import Happening
from tests.faults.targets import Targets

LIFE_KINDS = {
    "order": 14.0, "hold": 1.5, "lockdown": 2.0, "lock-out": 0.8, "test": 0.6, "re-arm": 0.8, "passage": 2.0,
    "key": 1.0, "hand": 1.0, "vehicle": 3.0,
}  # fmt: skip
"""What people and vehicles do, and how often in proportion."""
EVERYBODY = (*OPERATORS, SUPERVISOR)


def life(rng: Random, targets: Targets, at: float, number: int) -> Happening:
    """Draw what somebody does at `at`, or a vehicle; `number` tells its orders from those of others."""
    kind = rng.choices(tuple(LIFE_KINDS), tuple(LIFE_KINDS.values()))[0]
    if kind == "key" and targets.keyed:
        return Happening(at, "key", rng.choice(targets.keyed), round(rng.uniform(0.3, 8.0), 2))
    if kind == "hand" and targets.keyed:
        to = rng.choice((0.0, 0.3, 1.0))
        return Happening(at, "hand", rng.choice(targets.keyed), round(rng.uniform(1.0, 9.0), 2), (("to", to),))
    if kind == "vehicle":
        over = rng.random() < 0.3
        target = rng.choice(targets.movers if over or not targets.loops else targets.loops)
        return Happening(at, "vehicle", target, round(rng.uniform(0.4, 9.0), 2))
    if kind in PEOPLE:
        return PEOPLE[kind](rng, targets, at, number)
    return _order(rng, targets, at, number)


def _order(rng: Random, targets: Targets, at: float, number: int) -> Happening:
    if rng.random() < 0.2:
        target, action = rng.choice(targets.zones), rng.choice(("secure", "open", "secure", "stop"))
    else:
        target = rng.choice(targets.movers)
        action = rng.choice(("raise", "lower", "raise", "lower", "secure", "open", "stop"))
    options: list[tuple[str, Any]] = [("action", action), ("id", f"wish-{number}"), ("by", rng.choice(EVERYBODY))]
    if number and rng.random() < 0.12:
        # Somebody gives an order a second time: the same one, or by mistake another under its id.
        options[1] = ("id", f"wish-{rng.randrange(number)}")
    options.append(("expires_in_s", rng.choice((0.01, 0.2, 1.0, 5.0, 5.0, 5.0))))
    if rng.random() < 0.15:
        options.append(("seen", rng.choice(("now", "stale"))))
    return Happening(at, "order", target, 0.0, tuple(options))


def _hold(rng: Random, targets: Targets, at: float, number: int) -> Happening:
    options = (
        ("action", rng.choice(("raise", "lower"))),
        ("id", f"button-{number}"),
        ("by", rng.choice(EVERYBODY)),
        ("held_s", round(rng.choice((0.0, 1.5, 8.0)) * rng.uniform(0.5, 1.5), 2)),
        ("lets_go", rng.random() < 0.5),
    )
    return Happening(at, "hold", rng.choice(targets.movers), 0.0, options)


def _lockdown(rng: Random, targets: Targets, at: float, number: int) -> Happening:
    target = rng.choice((*targets.movers, *targets.zones, targets.site))
    options = (
        ("id", f"duress-{number}"),
        ("by", rng.choice(EVERYBODY)),
        ("expires_in_s", rng.choice((0.2, 2.0, 5.0, 10.0))),
    )
    return Happening(at, "lockdown", target, round(rng.choice((2.0, 15.0, 20.0)) * rng.uniform(0.8, 1.2), 2), options)


def _lock_out(rng: Random, targets: Targets, at: float, number: int) -> Happening:
    options = (("id", f"work-{number}"), ("by", rng.choice(EVERYBODY)), ("alone", rng.random() < 0.5))
    target = rng.choice((*targets.movers, *targets.zones))
    return Happening(at, "lock-out", target, round(rng.uniform(2.0, 15.0), 2), options)


def _test(rng: Random, targets: Targets, at: float, number: int) -> Happening:
    options = (("id", f"test-{number}"), ("by", rng.choice(EVERYBODY)))
    return Happening(at, "test", rng.choice(targets.movers), round(rng.uniform(2.0, 20.0), 2), options)


def _re_arm(rng: Random, targets: Targets, at: float, number: int) -> Happening:
    options = (("id", f"arm-{number}"), ("by", rng.choice(EVERYBODY)))
    return Happening(at, "re-arm", rng.choice((*targets.movers, *targets.zones)), 0.0, options)


def _passage(rng: Random, targets: Targets, at: float, number: int) -> Happening:
    target, direction, loops = rng.choice(targets.passages)
    after_s, over = rng.uniform(3.0, 9.0), []
    for loop in loops if rng.random() < 0.7 else ():
        stays_s = rng.uniform(0.6, 3.0)
        over.append((loop, round(after_s, 2), round(stays_s, 2)))
        after_s += rng.choice((0.5, 1.0, 1.0, 6.0)) * stays_s
    options = (
        ("id", f"passage-{number}"),
        ("by", rng.choice(EVERYBODY)),
        ("direction", direction),
        ("loops", tuple(over)),
    )
    # Somebody ends a few of them; most are over by then.
    return Happening(at, "passage", target, round(rng.choice((4.0, 40.0, 40.0)) * rng.uniform(0.8, 1.2), 2), options)


PEOPLE: dict[str, Callable[[Random, Targets, float, int], Happening]] = {
    "hold": _hold,
    "lockdown": _lockdown,
    "lock-out": _lock_out,
    "test": _test,
    "re-arm": _re_arm,
    "passage": _passage,
}
