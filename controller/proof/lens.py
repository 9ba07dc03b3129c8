"""How a device sees its neighbours: through the very rules that its logic asks them by.

What a mover makes of its safety loops is what `refusals.interlocks` makes of them, what a signal makes of its mover is what
`mover.confirmed` does. Two values of a neighbour that those rules answer alike are one `View`. Of a neighbour that no such rule
speaks of, everything is seen.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from controller.board import heeds
from controller.core import kinds, mover, refusals
from controller.core.device import Device
from controller.core.modes import Mode
from controller.core.mover import Mover
from controller.core.spec import Action, MoverSpec, SignalSpec, Spec
from controller.proof.clock import NOW, Oracle
from controller.proof.shape import shaped

Glance = Hashable
"""What is seen of one neighbour."""

View = tuple[Glance, ...]
"""What is seen of all neighbours, in the order of `Lens.roles`."""


@dataclass
class Lens:
    """What the device of `spec` sees. `roles` are the neighbours that count together: one loop that forbids is enough."""

    spec: Spec
    oracle: Oracle
    roles: tuple[tuple[str, ...], ...] = ()
    _self: Device = field(init=False)

    def __post_init__(self) -> None:
        """Sort the neighbours into roles."""
        names = heeds(self.spec)
        presence = self.spec.presence if isinstance(self.spec, MoverSpec) else ()
        self.roles = (*((presence,) if presence else ()), *((n,) for n in names if n not in presence))
        blank = kinds.new_device(self.spec, frozenset(), NOW)
        self._self = shaped(blank, self.oracle)[0]
        if isinstance(self._self, Mover):
            object.__setattr__(self._self, "mode", Mode.REMOTE)

    def glance(self, name: str, neighbour: Device) -> Glance:
        """Return what is seen of the neighbour `name`: what it forbids, or of which state it is proof."""
        if isinstance(self.spec, SignalSpec) and name == self.spec.follows:
            go = self.spec.go_state
            return frozenset(self.oracle.outcomes(lambda: bool(mover.confirmed(neighbour, go, NOW))))
        if isinstance(self._self, Mover) and name in (*self._self.spec.presence, self._self.spec.airlock_with):
            this = self._self
            return frozenset(self.oracle.outcomes(lambda: _forbidden(this, name, neighbour)))
        return shaped(neighbour, self.oracle)[1]

    @property
    def heeded(self) -> tuple[str, ...]:
        """Return the neighbours, role after role."""
        return tuple(name for role in self.roles for name in role)

    def view(self, glances: Sequence[Glance]) -> View:
        """Return what is seen of all neighbours together; `glances` are in the order of `heeded`."""
        by = dict(zip(self.heeded, glances, strict=True))
        return tuple(_together([by[name] for name in role]) for role in self.roles)

    def views(self, seen: Mapping[str, Mapping[Glance, Device]]) -> dict[View, dict[str, Device]]:
        """Return every view there can be, each with neighbours that show it. `seen` has one value for each glance."""
        found: dict[View, dict[str, Device]] = {}
        for glances in product(*(seen[name] for name in self.heeded)):
            by = dict(zip(self.heeded, glances, strict=True))
            found.setdefault(self.view(glances), {name: seen[name][glance] for name, glance in by.items()})
        return found


def _forbidden(this: Mover, name: str, neighbour: Device) -> frozenset[Action]:
    found = set()
    for action in (Action.RAISE, Action.LOWER):
        refused = refusals.interlocks(this, action, {name: neighbour}, NOW)
        found |= {action for refusal in refused if refusal.device == name}
    return frozenset(found)


def _together(glances: list[Glance]) -> Glance:
    if len(glances) == 1:
        return glances[0]
    outcomes: set[frozenset[Action]] = {frozenset()}
    for glance in glances:
        assert isinstance(glance, frozenset)  # noqa: S101 (only what forbids counts together)
        outcomes = {one | other for one in outcomes for other in glance}
    return frozenset(outcomes)
