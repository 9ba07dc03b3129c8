"""A site as it is wired: what the composition root hands to the supervisor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.core.spec import Route, Spec
from controller.peer import Plan
from controller.ports import Link, Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A link to be opened and what to do with each unit on it. `url` is shown to people; a simulator may stand in for it."""

    name: str
    url: str
    link: Link
    plans: tuple[Plan, ...]
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """A device and its wiring: `inputs` maps (unit, point) to the signals it feeds, `outputs` a signal to (wire, unit, point).

    `profile` names the model, for people.
    """

    spec: Spec
    inputs: Mapping[tuple[str, str], tuple[str, ...]]
    outputs: Mapping[str, tuple[str, str, Point]]
    profile: str = ""

    @property
    def units(self) -> frozenset[str]:
        """Return the units that the device hangs on."""
        return frozenset({unit for unit, _ in self.inputs} | {unit for _, unit, _ in self.outputs.values()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """A site as it is wired: what the composition root hands over. `simulated` says that a simulator stands in for some wire.

    `plan` is the drawing of the site (SVG), empty where it has none; `timezone` is where it lies, as IANA names it.
    """

    name: str
    title: str
    zones: Mapping[str, str]
    wires: tuple[Wire, ...]
    fittings: tuple[Fitting, ...]
    routes: Mapping[str, Route] = field(default_factory=dict)
    simulated: bool = False
    revision: str = ""
    plan: str = ""
    timezone: str = "UTC"
