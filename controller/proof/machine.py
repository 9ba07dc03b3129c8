"""One device by itself: every node that it can be in, and everything that can lead from one to another.

A node is the shape of the device and the commands that may be on at its outputs. The device's own logic makes every step
(`motion.decided`, `kinds.step`); what it sees of its neighbours is given to it by `Lens`: one neighbour value stands for all
that look the same through the rules that this kind of device asks its neighbours by.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field

from controller.core import kinds, motion
from controller.core.device import Device, DriveTo, Effect, Event, Wrote
from controller.core.mover import Mover
from controller.core.outputs import Driven
from controller.core.spec import Spec
from controller.proof.clock import NOW, Oracle
from controller.proof.lens import Lens, View
from controller.proof.shape import decided, shaped
from controller.proof.world import UNIT, Happening, after, commands, happenings

MOST_NODES = 50_000
"""More nodes than that are a mistake of the abstraction: some field grows without end."""


class TooMany(Exception):
    """A device has more nodes than can be explored: a field of it grows without end."""


@dataclass(frozen=True, slots=True)
class Node:
    """A device, its shape, and the commands that its outputs may be carrying out."""

    device: Device
    on: frozenset[str]
    shape: Hashable


@dataclass(frozen=True, slots=True)
class Edge:
    """`what` leads to node `to`; `told` says that neighbours are woken.

    `freed` are the commands that an acknowledgement in it proves off, `writes` is what goes to the wire after that.
    """

    what: Happening
    to: int
    told: bool = False
    silent: bool = False
    freed: tuple[str, ...] = ()
    writes: tuple[tuple[str, bool], ...] = ()


class _Looked(Mapping[str, Device]):
    """The neighbours, and at which of the roles `of` them anybody looked."""

    def __init__(self, devices: Mapping[str, Device], of: Mapping[str, int]) -> None:
        self._devices, self._of = devices, of
        self.at: set[int] = set()

    def __getitem__(self, name: str) -> Device:
        if name in self._of:
            self.at.add(self._of[name])
        return self._devices[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._devices)

    def __len__(self) -> int:
        return len(self._devices)


@dataclass
class Machine:
    """The nodes and edges of one device, under each of `views` of its neighbours. Node 0 is the start."""

    lens: Lens
    views: Mapping[View, Mapping[str, Device]]
    nodes: list[Node] = field(default_factory=list)
    edges: list[dict[View, list[Edge]]] = field(default_factory=list)
    runs: int = 0
    _known: dict[Hashable, int] = field(default_factory=dict)
    _open: tuple[View, ...] = ()

    @property
    def spec(self) -> Spec:
        """Return the spec of the device."""
        return self.lens.spec

    @property
    def oracle(self) -> Oracle:
        """Return what answers the questions of its logic."""
        return self.lens.oracle

    def __post_init__(self) -> None:
        """Explore all of it. Raises TooMany."""
        self._open = (min(self.views, key=lambda view: sum(len(fact) for glance in view for fact in glance)),)
        self._node(*shaped(kinds.new_device(self.spec, frozenset({UNIT}), NOW), self.oracle), frozenset())
        for at, node in enumerate(self.nodes):
            self.edges.append(self._from(node))
            if at > MOST_NODES:
                raise TooMany(f"{self.spec.id}: more than {MOST_NODES} nodes")

    def _node(self, device: Device, shape: Hashable, on: frozenset[str]) -> int:
        found = self._known.setdefault((shape, on), len(self.nodes))
        if found == len(self.nodes):
            self.nodes.append(Node(device, on, shape))
        return found

    def _from(self, node: Node) -> dict[View, list[Edge]]:
        edges: dict[View, dict[Edge, None]] = {view: {} for view in self.views}
        for what in happenings(node.device):
            if what.event is None:
                told = Edge(what, self._node(*shaped(after(node.device, what), self.oracle), node.on), silent=True)
                for found in edges.values():
                    found[told] = None
                continue
            for view, made in self._seen(node, what):
                edges[view].update(dict.fromkeys(made))
        return {view: list(found) for view, found in edges.items()}

    def _seen(self, node: Node, what: Happening) -> Iterator[tuple[View, list[Edge]]]:
        """Return the steps under each view. Views that differ only where nobody looked have the same."""
        of = {name: i for i, role in enumerate(self.lens.roles) for name in role}
        known: list[tuple[View, set[int], list[Edge]]] = []
        for view in self._open if what.barred else self.views:
            neighbours = self.views[view]
            same = (made for other, at, made in known if all(view[i] == other[i] for i in at))
            steps = next(same, None)
            if steps is None:
                looked = _Looked({**self.lens.stand_ins, **neighbours}, of)
                steps = list(self._steps(node, what, looked))
                known.append((view, looked.at, steps))
            yield view, steps

    def _steps(self, node: Node, what: Happening, neighbours: Mapping[str, Device]) -> Iterator[Edge]:
        event = what.event
        assert event is not None  # noqa: S101 (the caller has seen to it)

        def run() -> tuple[Device, Hashable, bool, tuple[tuple[str, bool], ...]]:
            device, effects = _step(what.under or node.device, event, neighbours)
            writes = (c for e in effects if isinstance(e, DriveTo) for c in commands(self.spec, decided(e.levels)))
            known = (device, node.shape) if device is node.device else shaped(device, self.oracle)
            return *known, bool(device.version != node.device.version), tuple(writes)

        for device, shape, told, writes in self.oracle.outcomes(run):
            self.runs += 1
            kept = _on(node, event, self.spec)
            on = kept | {name for name, level in writes if level}
            freed = tuple(sorted(node.on - kept))
            yield Edge(what, self._node(device, shape, on), told=told, freed=freed, writes=writes)


def _step(device: Device, event: Event, neighbours: Mapping[str, Device]) -> tuple[Device, tuple[Effect, ...]]:
    if isinstance(device, Mover):
        return motion.decided(device, event, neighbours, NOW)
    step = kinds.step(device, event, neighbours, NOW)
    return step.device, step.effects


def _on(node: Node, event: Event, spec: Spec) -> frozenset[str]:
    """Return what may be on once `event` is known: the acknowledgement of the latest write says what is off."""
    device = node.device
    if isinstance(event, Wrote) and isinstance(device, Driven) and device.writing is not None and event.failed is None:
        levels = dict(commands(spec, device.writing.levels))
        return frozenset(name for name in {*node.on, *levels} if levels.get(name, True))
    return node.on


def asked(device: Device) -> frozenset[str]:
    """Return the commands that `device` wants to be on: what its latest write asks for, and the motion that it is in."""
    if not isinstance(device, Driven):
        return frozenset()
    levels = tuple({**device.acked, **device.pending}.items())
    found = {name for name, level in commands(device.spec, levels) if level}
    if isinstance(device, Mover) and device.motion is not None:
        found.add(str(device.motion))
    return frozenset(found)
