"""One protected site as its files describe it: checked, complete, never changed while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from controller.config.located import Problem
from controller.core.spec import Kind, Meaning, Route
from controller.ports import Point, RempartError, Unit
from drivers.profile import AnyUnitProfile, MoverProfile, SensorProfile

DeviceProfile = MoverProfile | SensorProfile

Wire = tuple[str, str]
"""The name of a unit and of one of its points."""


class ConfigError(RempartError):
    """A site cannot be used as it is written; `problems` are all of them, in the order of the files."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class LinkConfig:
    """One wire; `poll_s` is the time between two reads of each of its units, on a link that polls.

    `simulated` says that a simulator stands in for it.
    """

    name: str
    url: str
    poll_s: float
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class UnitConfig:
    """One addressable thing on a wire, as the drivers take it, with the profile it was made from."""

    unit: Unit
    profile: AnyUnitProfile


@dataclass(frozen=True, slots=True)
class Accepted:
    """Who took a risk on themselves, when and why (ASTM E3211)."""

    who: str
    when: date
    why: str

    def __str__(self) -> str:
        return f"accepted by {self.who} on {self.when.isoformat()}: {self.why}"


@dataclass(frozen=True, slots=True)
class Response:
    """How soon the way has to be blocked, seconds (R22); `approved` is who took on a short reaction."""

    reaction_s: float
    deployment_s: float
    approved: Accepted | None


@dataclass(frozen=True, slots=True)
class SlowEfo:
    """Within how long of the begin of its drive a mover without an emergency speed blocks the way, seconds (R02)."""

    within_s: float
    accepted: Accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceConfig:
    """One piece of equipment; `wiring` gives each signal its wires, one for each member."""

    id: str
    kind: Kind
    title: str
    zone: str
    profile: DeviceProfile | None
    wiring: Mapping[str, tuple[Wire, ...]]
    presence: tuple[str, ...] = ()
    no_presence_accepted: Accepted | None = None
    airlock_with: str = ""
    no_show_s: float = 30.0
    presence_limit_min: int | None = None
    absence_limit_h: int | None = None
    overspeed_kmh: float | None = None
    means: Meaning | None = None
    entry: str = ""
    exit: str = ""
    warning: str = ""
    no_warning_accepted: Accepted | None = None
    traffic: str = ""
    mains: str = ""
    efo_ignores_presence_accepted: Accepted | None = None
    missed_inputs_accepted: Accepted | None = None
    slow_efo: SlowEfo | None = None
    response: Response | None = None
    follows: str = ""
    warns: tuple[str, ...] = ()

    @property
    def accepted(self) -> tuple[str, ...]:
        """Return the risks that somebody took on themselves, in words."""
        risks = {
            "no presence loop": self.no_presence_accepted,
            "no warning before it moves": self.no_warning_accepted,
            "no presence loop holds up an emergency": self.efo_ignores_presence_accepted,
            "short inputs may be missed while another unit is mute": self.missed_inputs_accepted,
        }
        if self.slow_efo is not None:
            risks[f"an emergency may take {self.slow_efo.within_s:g} s to block the way (R02)"] = self.slow_efo.accepted
        if self.response is not None:
            risks[f"a reaction within {self.response.reaction_s:g} s"] = self.response.approved
        return tuple(f"{risk}: {accepted}" for risk, accepted in risks.items() if accepted is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A checked site. `zones` gives each zone its title; `source` is the SHA-256 of every file that it was read from;

    `simulated` says that a bench stands in for some of its wires at least, and `control` is then the simulators' socket.
    """

    name: str
    title: str
    folder: Path
    timezone: str
    zones: Mapping[str, str]
    links: Mapping[str, LinkConfig]
    units: Mapping[str, UnitConfig]
    devices: Mapping[str, DeviceConfig]
    routes: Mapping[str, Route]
    simulated: bool
    control: str = ""
    source: str

    def point(self, wire: Wire) -> Point:
        """Return the point at the end of a wire."""
        unit, point = wire
        return self.units[unit].unit.points[point]
