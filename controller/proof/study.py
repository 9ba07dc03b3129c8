"""The proof of a site: each group of devices that have to do with each other, explored and judged.

Devices that are alike but for their names (the two rows of an airlock) are explored once: their machine is that of a device
without a name. A counter-example is only told when the nodes themselves can follow it; until then blocks are split.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from controller.board import heeds
from controller.core.device import Device
from controller.core.spec import MoverSpec, SignalSpec, Spec
from controller.proof.clock import Oracle
from controller.proof.invariants import Broken, Rules, shows
from controller.proof.lens import Glance, Lens, View
from controller.proof.machine import Machine
from controller.proof.machine_checks import check
from controller.proof.quotient import quotient
from controller.proof.search import Member, Search
from controller.proof.trace import followed, told
from controller.proof.wiring import Wiring
from controller.proof.world import timeless

GLIMPSE = 60
"""So many nodes show every way in which a mover can look to its neighbours; if they do not, the search misses a view and ends."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one group: `nodes` of the devices by themselves, then states and transitions of their product."""

    devices: tuple[str, ...]
    invariants: tuple[str, ...]
    nodes: int
    states: int
    transitions: int
    broken: Broken | None = None
    trace: tuple[str, ...] = ()


@dataclass
class Study:
    """The proof of one `wiring`; `machines` are those that have been explored, by what they are made of."""

    wiring: Wiring
    oracle: Oracle = field(default_factory=Oracle)
    machines: dict[str, Machine] = field(default_factory=dict)

    def verdicts(self) -> Iterator[Verdict]:
        """Return the verdict on each group, one after the other."""
        rules = Rules.of(self.wiring)
        for devices in self.wiring.components():
            yield self._verdict(devices, rules)

    def _verdict(self, devices: tuple[str, ...], rules: Rules) -> Verdict:
        machines = {name: self._machine(name) for name in devices}
        nodes = sum(len(machine.nodes) for machine in machines.values())
        proved = tuple(_spoken_of([self.wiring.specs[name] for name in devices], rules))
        for name, machine in machines.items():
            if (wrong := check(name, machine, self._glances(name, machine)[1])) is not None:
                return Verdict(devices, proved, nodes, 0, 0, wrong)
        rounds = dict.fromkeys(devices, 0)
        while True:
            members = [self._member(name, machines[name], rounds[name]) for name in devices]
            found = Search(members, rules).run()
            if found.broken is None:
                return Verdict(devices, proved, nodes, found.states, found.transitions)
            paths = {m.name: followed(machines[m.name], m.quotient, i, found.path) for i, m in enumerate(members)}
            whole = {name: path for name, path in paths.items() if path is not None}
            if len(whole) == len(paths):
                trace = tuple(told(devices, found, whole))
                return Verdict(devices, proved, nodes, found.states, found.transitions, found.broken, trace)
            rounds |= {name: rounds[name] + 1 for name in devices if name not in whole}

    def _machine(self, name: str) -> Machine:
        spec, lens = self._nameless(name)
        seen: dict[str, dict[Glance, Device]] = {}
        for alias, neighbour in zip(heeds(spec), heeds(self.wiring.specs[name]), strict=True):
            glances = seen[alias] = {}
            for node in self._seen(neighbour).nodes:
                glances.setdefault(lens.glance(alias, node.device), node.device)
        return self._made(spec, lens.views(seen), 0)

    def _seen(self, name: str) -> Machine:
        """Return as many nodes of a neighbour as show every glance of it. A mover needs none of its own neighbours for that."""
        if heeds(self.wiring.specs[name]):
            return self._made(self._nameless(name)[0], {(): {}}, GLIMPSE)
        return self._machine(name)

    def _made(self, spec: Spec, views: Mapping[View, Mapping[str, Device]], glimpse: int) -> Machine:
        key = repr((spec, sorted(map(repr, views)), glimpse))
        if key not in self.machines:
            self.machines[key] = Machine(spec, views, self.oracle, glimpse)
        return self.machines[key]

    def _nameless(self, name: str) -> tuple[Spec, Lens]:
        """Return the spec with names that do not matter, and how it sees its neighbours."""
        spec = replace(timeless(self.wiring.specs[name]), id="this", title="", zone="")
        if isinstance(spec, MoverSpec):
            presence = tuple(f"presence {i}" for i in range(len(spec.presence)))
            spec = replace(spec, presence=presence, airlock_with=spec.airlock_with and "airlock")
        elif isinstance(spec, SignalSpec):
            spec = replace(spec, follows="mover")
        return spec, Lens(spec, self.oracle)

    def _glances(self, name: str, machine: Machine) -> tuple[tuple[str, ...], list[tuple[Glance, ...]]]:
        """Return who heeds `name`, and what each node of it shows to each of them."""
        heeders, lenses = [], []
        for other in self.wiring.specs.values():
            if name in heeds(other):
                spec, lens = self._nameless(other.id)
                heeders.append(other.id)
                lenses.append((lens, heeds(spec)[heeds(other).index(name)]))
        return tuple(heeders), [tuple(lens.glance(alias, n.device) for lens, alias in lenses) for n in machine.nodes]

    def _member(self, name: str, machine: Machine, rounds: int) -> Member:
        heeders, glances = self._glances(name, machine)
        shown = [shows(node, seen) for node, seen in zip(machine.nodes, glances, strict=True)]
        found = quotient(machine, shown, rounds)
        spec, lens = self._nameless(name)
        names = dict(zip(heeds(spec), heeds(self.wiring.specs[name]), strict=True))
        heeded = tuple(names[alias] for alias in lens.heeded)
        return Member(name, found, [shown[node] for node in found.nodes], heeders, heeded, lens.view)


def _spoken_of(specs: Sequence[Spec], rules: Rules) -> Iterator[str]:
    """Return the invariants that say something about these devices."""
    movers = [spec for spec in specs if isinstance(spec, MoverSpec)]
    if any(mover.presence for mover in movers):
        yield "c"
    if any(rules.rows[mover.id] for mover in movers):
        yield "d"
    if any("local" in mover.inputs for mover in movers):
        yield "e"
    yield "k"
    if any(isinstance(spec, SignalSpec) for spec in specs):
        yield "R14"
