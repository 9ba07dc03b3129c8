"""From a site folder to a simulated field: simulation.yaml read, checked against the profiles, and put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pydantic import ValidationError

from simulators import checks, located, profiles, schema, wording
from simulators.clock import Clock
from simulators.errors import SimulationError
from simulators.field import Channel, Field, Wired
from simulators.image import Image
from simulators.located import Located, Mistake
from simulators.plants.base import Plant
from simulators.plants.bollard import Bollards
from simulators.plants.boom import Boom
from simulators.plants.mover import Mover, Steel
from simulators.plants.sensors import Contact, Counter, Loop, Radar, TrafficController
from simulators.plants.signal import Beacon, Signal
from simulators.plants.wedge import Wedge
from simulators.traffic import Traffic
from simulators.words import missing
from simulators.world import Lane, Row, World

FILE = "simulation.yaml"
NOON_S = 43200.0
SITE_FILE = "site.yaml"


@dataclass(frozen=True, slots=True)
class Built:
    """A simulated field, and the file that it was made from."""

    plan: schema.Simulation
    images: Mapping[str, Image]
    field: Field


def read(folder: Path) -> tuple[schema.Simulation, Located]:
    """Read and validate the folder's simulation.yaml. Raises SimulationError with every mistake of form."""
    path = folder / FILE
    if not path.is_file():
        raise SimulationError(f"{path}: no such file: expected a site folder with a {FILE}, e.g. sites/nice-promenade")
    file = located.read(path)
    if not isinstance(file.data, dict):
        raise SimulationError(file.tell(Mistake((), "expected keys with values: site, links, units …")))
    try:
        return schema.Simulation.model_validate(file.data), file
    except ValidationError as error:
        raise SimulationError("\n".join(map(file.tell, wording.explain(error, file.data)))) from None


def build(folder: Path, clock: Clock, seed: int = 0, traffic: bool = True, day_s: float = NOON_S) -> Built:
    """Put a field together whose clock begins `day_s` seconds after midnight.

    Raises SimulationError with every mistake of meaning.
    """
    plan, file = read(folder)
    found, problems = _images(folder, plan)
    problems += _same_site(folder / SITE_FILE, plan)
    # Without all of the units, every channel of a missing one would be told as a mistake as well.
    if len(found) == len(plan.units):
        problems += checks.mistakes(plan, found)
    if problems:
        raise SimulationError("\n".join(map(file.tell, problems)))
    lanes = {name: Lane(name, **lane.model_dump()) for name, lane in plan.lanes.items()}
    rows = {
        name: Row(name, plant.lane, plant.at_m, blocks_raised=plant.type != "boom")
        for name, plant in plan.plants.items()
        if isinstance(plant, schema.MoverPlant)
    }
    world = World(lanes, rows, _airlocks(plan))
    plants = {name: _plant(name, entry, seed, day_s) for name, entry in plan.plants.items()}
    _share_keys(plan, plants)
    wired = [Wired(plants[name], _channels(entry, found)) for name, entry in plan.plants.items()]
    return Built(plan, found, Field(clock, world, Traffic(world, Random(f"{seed}/traffic"), traffic), wired))


def _images(folder: Path, plan: schema.Simulation) -> tuple[dict[str, Image], list[Mistake]]:
    found: dict[str, Image] = {}
    problems: list[Mistake] = []
    for name, unit in plan.units.items():
        try:
            profile = profiles.load(unit.profile, folder)
        except SimulationError as error:
            problems.append(Mistake(("units", name, "profile"), str(error)))
            continue
        holds = ("units", name, "holds")
        for point, value in unit.holds.items():
            if point not in profile.points:
                text = missing(f"{profile.name} has no point", point, profile.points)
                problems.append(Mistake(holds, text, key=point))
            elif why := profile.points[point].refuses(value):
                problems.append(Mistake((*holds, point), why))
        found[name] = Image(name, profile, {p: v for p, v in unit.holds.items() if p in profile.points})
    return found, problems


def _same_site(path: Path, plan: schema.Simulation) -> list[Mistake]:
    """Compare the names of the two files; what else is wrong with the site file is for its own check to tell."""
    try:
        document = profiles.read_yaml(path)
    except SimulationError:
        return []
    name = document.get("site", plan.site) if isinstance(document, dict) else plan.site
    if name == plan.site:
        return []
    text = f"this is the field of {plan.site!r}, but {path.name} beside it is the site {name!r}: give both one name"
    return [Mistake(("site",), text)]


def _airlocks(plan: schema.Simulation) -> list[tuple[str, str]]:
    pairs = {
        (min(n, p.airlock_with), max(n, p.airlock_with))
        for n, p in plan.plants.items()
        if isinstance(p, schema.BollardPlant) and p.airlock_with is not None
    }
    return sorted(pairs)


def _channels(entry: schema.AnyPlant, images: Mapping[str, Image]) -> dict[str, tuple[Channel, ...]]:
    parts = {role: [point.partition(".") for point in points] for role, points in entry.channels.items()}
    return {role: tuple((images[unit], name) for unit, _, name in found) for role, found in parts.items()}


def _share_keys(plan: schema.Simulation, plants: Mapping[str, Plant]) -> None:
    for name, entry in plan.plants.items():
        if isinstance(entry, schema.MoverPlant) and entry.key_of is not None:
            mover, owner = plants[name], plants[entry.key_of]
            if isinstance(mover, Mover) and isinstance(owner, Mover):
                mover.key = owner.key


def _plant(name: str, entry: schema.AnyPlant, seed: int, day_s: float) -> Plant:
    rng = Random(f"{seed}/{name}")
    match entry:
        case schema.MoverPlant():
            start = 1.0 if entry.start == "raised" else 0.0
            steel = Steel(entry.travel_s, tuple(entry.members), start, entry.bounce_s)
            return MOVERS[entry.type](name, steel, rng)
        case schema.SignalPlant():
            return Signal(name)
        case schema.BeaconPlant():
            return Beacon(name)
        case schema.TrafficControllerPlant():
            return TrafficController(name)
        case schema.LoopPlant():
            return Loop(name, entry.lane, entry.from_m, entry.to_m)
        case schema.RadarPlant():
            return Radar(name, entry.lane, entry.at_m, entry.range_m)
        case schema.CounterPlant():
            return Counter(name, entry.usual, rng, day_s)
        case schema.ContactPlant():
            return Contact(name, entry.normal)


MOVERS: Mapping[str, Callable[[str, Steel, Random], Mover]] = {"bollard": Bollards, "boom": Boom, "wedge": Wedge}
