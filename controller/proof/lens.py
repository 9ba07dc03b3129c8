"""How a device sees its neighbours: through the very rules that its logic asks them by.

What a mover makes of its safety loops and of the other row is what `refusals.interlocks`, `struck` and `returnable` make of them;
what a signal makes of its mover is what its own `wanted` does. Two values of a neighbour that those rules answer
alike are one `View`.

A mover looks at its signals, its beacon, its traffic controller and the contact of its mains only for whether it may begin yet or
go on. Here an order may wait or begin at any moment, whatever they show (`stand_ins`). So no motion is proved safe because of a
lamp, and none of their states is part of the product.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from controller.core import kinds, refusals, signal
from controller.core.device import Device
from controller.core.lamps import Lamps
from controller.core.modes import Mode
from controller.core.mover import Mover
from controller.core.mover_table import TABLE
from controller.core.readings import good
from controller.core.spec import Kind, MoverSpec, SignalSpec, Spec
from controller.proof.clock import NOW, Anything, Oracle
from controller.proof.shape import shaped

Glance = frozenset[frozenset[str]]
"""What is seen of one neighbour, or of those that count together: every answer there can be, each as what it forbids."""

View = tuple[Glance, ...]
"""What is seen of all neighbours, in the order of `Lens.roles`."""


def watched(spec: Spec) -> tuple[str, ...]:
    """Return the neighbours that are seen as they are: those that count together stand together."""
    return tuple(name for role in _roles(spec) for name in role)


def _roles(spec: Spec) -> tuple[tuple[str, ...], ...]:
    if isinstance(spec, MoverSpec):
        found = (spec.presence, (spec.airlock_with,) if spec.airlock_with else ())
        return tuple(role for role in found if role)
    return ((spec.follows,),) if isinstance(spec, SignalSpec) else ()


@dataclass
class Lens:
    """What the device of `spec` sees. `roles` are the neighbours that count together: one loop that forbids is enough."""

    spec: Spec
    oracle: Oracle
    roles: tuple[tuple[str, ...], ...] = ()
    stand_ins: Mapping[str, Device] = field(default_factory=dict)
    _self: Device = field(init=False)

    def __post_init__(self) -> None:
        """Sort the neighbours into roles."""
        self.roles = _roles(self.spec)
        self.stand_ins = {one.spec.id: one for one in _stand_ins(self.spec, self.oracle)}
        blank = kinds.new_device(self.spec, frozenset(), NOW)
        self._self = shaped(blank, self.oracle)[0]
        if isinstance(self._self, Mover):
            # `returnable` asks of it whether it is in its securing motion, somewhere off its limit.
            state = "raising" if self._self.spec.secured_state == "raised" else "lowering"
            self._self = replace(self._self, mode=Mode.REMOTE, state=state, moving_since=NOW)

    def glance(self, name: str, neighbour: Device) -> Glance:
        """Return what is seen of the neighbour `name`: what it forbids, or of which state it is proof."""
        return frozenset(self.oracle.outcomes(lambda: frozenset(_facts(self._self, name, neighbour))))

    def view(self, glances: Sequence[Glance]) -> View:
        """Return what is seen of all neighbours together; `glances` are in the order of `watched`."""
        by = dict(zip(watched(self.spec), glances, strict=True))
        return tuple(_together([by[name] for name in role]) for role in self.roles)

    def views(self, seen: Mapping[str, Mapping[Glance, Device]]) -> dict[View, dict[str, Device]]:
        """Return every view there can be, each with neighbours that show it. `seen` has one value for each glance."""
        found: dict[View, dict[str, Device]] = {}
        names = watched(self.spec)
        for glances in product(*(seen[name] for name in names)):
            by = dict(zip(names, glances, strict=True))
            found.setdefault(self.view(glances), {name: seen[name][glance] for name, glance in by.items()})
        return found


def _facts(this: Device, name: str, neighbour: Device) -> Iterator[str]:
    alone = {name: neighbour}
    if isinstance(this, Mover):
        for action in (this.spec.secures, this.spec.opens):
            for emergency in (False, True):
                refused = refusals.interlocks(this, action, alone, NOW, emergency=emergency)
                if any(refusal.device == name for refusal in refused):
                    yield f"forbids{' emergency' * emergency} {action}"
        only = replace(this, spec=replace(this.spec, presence=(name,) if name in this.spec.presence else ()))
        if refusals.struck(only, alone, NOW):
            yield "struck"
        if not refusals.returnable(only, alone, NOW):
            yield "not returnable"
    elif isinstance(this, Lamps):
        yield signal.wanted(this, alone, NOW)


def _together(glances: list[Glance]) -> Glance:
    if len(glances) == 1:
        return glances[0]
    outcomes: set[frozenset[str]] = {frozenset()}
    for glance in glances:
        outcomes = {one | other for one in outcomes for other in glance}
    return frozenset(outcomes)


def _stand_ins(spec: Spec, oracle: Oracle) -> Iterator[Device]:
    """Return neighbours of which one decides whether an order waits: a beacon by its time, or else a signal by what it shows.

    What an order waits for is not told apart, so the others may be taken for ready. Mains that are lost do what a lock-out does,
    and a traffic controller that fails has orders refused, which leaves what a look leaves.
    """
    if not isinstance(spec, MoverSpec):
        return
    waits = spec.warning or (*spec.signals, "")[0]
    for name in spec.signals:
        yield _showing(name, Kind.SIGNAL, Anything(oracle, "what a signal shows") if name == waits else "halt")
    if spec.warning:
        yield _showing(spec.warning, Kind.BEACON, "lit")
    if spec.traffic:
        yield _showing(spec.traffic, Kind.TRAFFIC_CONTROLLER, "normal")
    if spec.mains:
        yield _showing(spec.mains, Kind.CONTACT, "normal")


def _showing(name: str, kind: Kind, state: str) -> Device:
    # Without inputs none of its readings is too old: what it shows is doubtful enough.
    return Device(spec=Spec(id=name, kind=kind, inputs={}), state=state, since=-math.inf)


def poses(spec: MoverSpec, oracle: Oracle) -> Iterator[Mover]:
    """Return a mover in every state, at every limit, with outputs known or not, with an order that waits or without."""
    limits = [{**dict.fromkeys(spec.tops, top), **dict.fromkeys(spec.bottoms, not top)} for top in (True, False)]
    for state, shown, known, waiting in product(TABLE.states, [{}, *limits], (True, False), ("", "something")):
        mover = Mover(
            spec=spec,
            state=state,
            readings={name: good(value, NOW) for name, value in shown.items()},
            acked=dict.fromkeys(spec.outputs, False) if known else {},
            waiting=waiting,
        )
        yield shaped(mover, oracle)[0]
