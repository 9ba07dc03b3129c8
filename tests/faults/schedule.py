"""What is to happen on a site, as plain data: faults, people and vehicles, each with its time. A seed decides, and nothing else.

A happening reads `12.40 s: silence of io for 3.2 s (p=0.5)`. A schedule can be printed, replayed, and cut down event by event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from controller.config.site import Site
from controller.core.spec import MOVERS, Kind
from tests.faults.weather import KINDS as WIRE_KINDS

INPUT_KINDS = ("freeze", "oscillate", "stick", "break-cable", "loop-open", "loop-short", "lamp-out", "jam")
MACHINE_KINDS = ("reboot", "slow-disk", "full-disk", "wall-jump", "crash")
PEOPLE_KINDS = ("order", "key", "hand", "vehicle")
FAULT_KINDS = (*WIRE_KINDS, *INPUT_KINDS, *MACHINE_KINDS)
"""Everything that counts as a fault; what people and vehicles do is life."""

SHORTEST_S, LONGEST_S = 100.0, 220.0
FAULT_EVERY_S, ORDER_EVERY_S = 7.0, 5.0
NEAR, BEFORE_S, AFTER_S = 0.5, 0.3, 1.5
"""This part of the faults strikes about the time of an order, from a little before to a little after: where it hurts."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happens at `at` seconds and lasts for `for_s`; what its `options` mean depends on `kind`."""

    at: float
    kind: str
    target: str
    for_s: float = 0.0
    options: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        lasts = f" for {self.for_s:g} s" if self.for_s else ""
        options = ", ".join(f"{name}={value}" for name, value in self.options)
        return f"{self.at:7.2f} s: {self.kind} of {self.target}{lasts}{f' ({options})' if options else ''}"

    @property
    def fault(self) -> bool:
        """Tell whether it counts as a fault."""
        return self.kind in FAULT_KINDS


@dataclass(frozen=True, slots=True)
class Schedule:
    """Everything that happens to one site under one seed, in the order of time."""

    site: str
    seed: int
    lasts_s: float
    happenings: tuple[Happening, ...] = field(repr=False)

    def only(self, kept: Sequence[int]) -> Schedule:
        """Return the schedule with those of its happenings alone, by their place."""
        return Schedule(self.site, self.seed, self.lasts_s, tuple(self.happenings[place] for place in kept))


@dataclass(frozen=True, slots=True)
class Targets:
    """What can be hit on a site."""

    links: tuple[str, ...]
    units: tuple[str, ...]
    points: tuple[str, ...]
    movers: tuple[str, ...]
    keyed: tuple[str, ...]
    loops: tuple[str, ...]
    signals: tuple[str, ...]
    zones: tuple[str, ...]


def targets_of(site: Site) -> Targets:
    """Gather what can be hit on `site`, in the order of its file."""
    devices = site.devices.values()
    movers = [d for d in devices if d.kind in MOVERS]
    inputs = ("raised", "lowered", "local", "detect", "fault", "halt_lamp", "go_lamp")
    wires = (wire for d in devices for name in inputs for wire in d.wiring.get(name, ()))
    return Targets(
        links=tuple(site.links),
        units=tuple(site.units),
        points=tuple(dict.fromkeys(f"{unit}.{point}" for unit, point in wires)),
        movers=tuple(d.id for d in movers),
        keyed=tuple(d.id for d in movers if "local" in d.wiring),
        loops=tuple(d.id for d in devices if d.kind is Kind.LOOP),
        signals=tuple(d.id for d in devices if d.kind is Kind.SIGNAL),
        zones=tuple(zone for zone in site.zones if any(d.zone == zone for d in movers)),
    )


def draw(site: Site, name: str, seed: int) -> Schedule:
    """Make the schedule of `seed` for `site`, which is called `name` on the command line."""
    rng, targets = Random(f"{seed}/schedule/{name}"), targets_of(site)
    lasts_s = round(rng.uniform(SHORTEST_S, LONGEST_S), 1)
    faults, orders = int(lasts_s / FAULT_EVERY_S), int(lasts_s / ORDER_EVERY_S)
    found = [_life(rng, targets, _when(rng, lasts_s), number) for number in range(orders)]
    near = [h.at for h in found if h.kind == "order"]
    found += [_fault(rng, targets, _fault_at(rng, lasts_s, near)) for _ in range(faults)]
    return Schedule(name, seed, lasts_s, tuple(sorted(found, key=lambda h: (h.at, h.kind, h.target))))


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
    if kind == "lamp-out" and targets.signals:
        return Happening(at, kind, rng.choice(targets.signals), for_s, (("lamp", rng.choice(("halt", "go"))),))
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


def _life(rng: Random, targets: Targets, at: float, number: int) -> Happening:
    kind = rng.choices(PEOPLE_KINDS, (14, 1, 1, 3))[0]
    if kind == "key" and targets.keyed:
        return Happening(at, "key", rng.choice(targets.keyed), round(rng.uniform(0.3, 8.0), 2))
    if kind == "hand" and targets.keyed:
        to = rng.choice((0.0, 0.3, 1.0))
        return Happening(at, "hand", rng.choice(targets.keyed), round(rng.uniform(1.0, 9.0), 2), (("to", to),))
    if kind == "vehicle":
        over = rng.random() < 0.3
        target = rng.choice(targets.movers if over or not targets.loops else targets.loops)
        return Happening(at, "vehicle", target, round(rng.uniform(0.4, 9.0), 2))
    return _order(rng, targets, at, number)


def _order(rng: Random, targets: Targets, at: float, number: int) -> Happening:
    if rng.random() < 0.2:
        target, action = rng.choice(targets.zones), rng.choice(("secure", "open", "secure", "stop"))
    else:
        target = rng.choice(targets.movers)
        action = rng.choice(("raise", "lower", "raise", "lower", "secure", "open", "stop"))
    options: list[tuple[str, Any]] = [("action", action), ("id", f"wish-{number}")]
    if number and rng.random() < 0.12:
        # Somebody gives an order a second time: the same one, or by mistake another under its id.
        options[1] = ("id", f"wish-{rng.randrange(number)}")
    options.append(("expires_in_s", rng.choice((0.01, 0.2, 1.0, 5.0, 5.0, 5.0))))
    if rng.random() < 0.15:
        options.append(("seen", rng.choice(("now", "stale"))))
    return Happening(at, "order", target, 0.0, tuple(options))
