"""What is to happen on a site, as plain data: faults, people and vehicles, each with its time. A seed decides, and nothing else.

A happening reads `12.40 s: silence of io for 3.2 s (p=0.5)`. A schedule can be printed, replayed, and cut down event by event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from controller.config.site import DeviceConfig, Site
from controller.core.spec import MOVERS, Kind
from tests.faults.people import OPERATORS, SUPERVISOR
from tests.faults.weather import KINDS as WIRE_KINDS

INPUT_KINDS = ("freeze", "oscillate", "stick", "break-cable", "loop-open", "loop-short", "lamp-out", "jam")
MACHINE_KINDS = ("reboot", "slow-disk", "full-disk", "wall-jump", "crash")
LIFE_KINDS = {
    "order": 14.0, "hold": 1.5, "lockdown": 2.0, "lock-out": 0.8, "test": 0.6, "re-arm": 0.8, "passage": 2.0,
    "key": 1.0, "hand": 1.0, "vehicle": 3.0,
}  # fmt: skip
"""What people and vehicles do, and how often in proportion."""
FAULT_KINDS = (*WIRE_KINDS, *INPUT_KINDS, *MACHINE_KINDS)
"""Everything that counts as a fault; what people and vehicles do is life."""

DRILL, BEFORE_DRILL_S, DRILL_S = 0.5, 12.0, 26.0
"""This part of the schedules has a lockdown in which one mover is spared every fault, from a while before to the end."""
UNDONE_S = 2.0
"""How long people may take to undo what they did."""
EVERYBODY = (*OPERATORS, SUPERVISOR)
SHORTEST_S, LONGEST_S = 95.0, 170.0
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

    site: str
    links: tuple[str, ...]
    units: tuple[str, ...]
    points: tuple[str, ...]
    movers: tuple[str, ...]
    keyed: tuple[str, ...]
    loops: tuple[str, ...]
    lamps: tuple[tuple[str, str], ...]
    zones: tuple[str, ...]
    hangs_on: Mapping[str, frozenset[str]]
    """By mover: itself, its loops, their units and links, its zone and the site."""
    passages: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Where one can pass, in which direction, and over which loops."""


def targets_of(site: Site) -> Targets:
    """Gather what can be hit on `site`, in the order of its file."""
    devices = site.devices.values()
    movers = [d for d in devices if d.kind in MOVERS]
    inputs = ("raised", "lowered", "local", "detect", "fault", "halt_lamp", "go_lamp", "lamp")
    wires = (wire for d in devices for name in inputs for wire in d.wiring.get(name, ()))
    return Targets(
        site=site.name,
        links=tuple(site.links),
        units=tuple(site.units),
        points=tuple(dict.fromkeys(f"{unit}.{point}" for unit, point in wires)),
        movers=tuple(d.id for d in movers),
        keyed=tuple(d.id for d in movers if "local" in d.wiring),
        loops=tuple(d.id for d in devices if d.kind is Kind.LOOP),
        lamps=tuple(
            (d.id, lamp)
            for d in devices
            for lamp in {Kind.SIGNAL: ("halt", "go"), Kind.BEACON: ("light",)}.get(d.kind, ())
        ),
        zones=tuple(zone for zone in site.zones if any(d.zone == zone for d in movers)),
        hangs_on={d.id: _hangs_on(site, d) for d in movers},
        passages=tuple(_passages(site)),
    )


def _hangs_on(site: Site, mover: DeviceConfig) -> frozenset[str]:
    devices = [mover, *(site.devices[loop] for loop in mover.presence)]
    units = {unit for d in devices for wires in d.wiring.values() for unit, _ in wires}
    links = {site.units[unit].unit.link for unit in units}
    return frozenset({*(d.id for d in devices), *units, *links, mover.zone, site.name, "controller"})


def _passages(site: Site) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    specs = {d.id: d for d in site.devices.values() if d.kind in MOVERS}
    for name, spec in specs.items():
        yield name, "", spec.presence
        if spec.airlock_with:
            yield name, "in", tuple(dict.fromkeys((*spec.presence, *specs[spec.airlock_with].presence)))
    for name, route in site.routes.items():
        yield name, "", specs[route.points[0]].presence


def draw(site: Site, name: str, seed: int) -> Schedule:
    """Make the schedule of `seed` for `site`, which is called `name` on the command line."""
    rng, targets = Random(f"{seed}/schedule/{name}"), targets_of(site)
    lasts_s = round(rng.uniform(SHORTEST_S, LONGEST_S), 1)
    faults, orders = int(lasts_s / FAULT_EVERY_S), int(lasts_s / ORDER_EVERY_S)
    found = [_life(rng, targets, _when(rng, lasts_s), number) for number in range(orders)]
    near = [h.at for h in found if h.kind in ("order", "lockdown", "passage")]
    found += [_fault(rng, targets, _fault_at(rng, lasts_s, near)) for _ in range(faults)]
    if rng.random() < DRILL:
        found = drilled(rng, targets, lasts_s, found)
    return Schedule(name, seed, lasts_s, tuple(sorted(found, key=lambda h: (h.at, h.kind, h.target))))


def drilled(rng: Random, targets: Targets, lasts_s: float, found: Sequence[Happening]) -> list[Happening]:
    """Return `found` with a lockdown of all, in which nothing befalls one mover and nobody stops or resets it."""
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


def _life(rng: Random, targets: Targets, at: float, number: int) -> Happening:
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
