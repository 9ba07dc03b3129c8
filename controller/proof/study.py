"""The proof of a site: each group of devices that have to do with each other, explored and judged.

Devices that are alike but for their names (the two rows of an airlock) are explored once: their machine is that of a device
without a name. A counter-example is only told when the nodes themselves can follow it; until then blocks are split.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import active_children, get_context

from controller.core.device import Device
from controller.core.spec import MoverSpec, SignalSpec, Spec
from controller.proof.clock import Oracle
from controller.proof.invariants import Broken, Rules, shows
from controller.proof.lens import Glance, Lens, View, poses, watched
from controller.proof.machine import Machine
from controller.proof.machine_checks import check
from controller.proof.quotient import quotient
from controller.proof.search import Member, Search
from controller.proof.trace import followed, told
from controller.proof.wiring import Wiring
from controller.proof.world import timeless


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


def verdicts(wiring: Wiring) -> Iterator[Verdict]:
    """Return the verdict on each group of `wiring`, in its order; they are explored on as many processors as there are.

    Raises TooMany.
    """
    # Only this process answers to Ctrl-C: it ends the others.
    ignored = (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=signal.signal, initargs=ignored) as pool:
        try:
            groups, study = wiring.components(), Study(wiring)
            # What takes longest begins first, so that nobody waits for it alone.
            heavy_first = sorted(groups, key=lambda group: -sum(len(wiring.specs[name].outputs) for name in group))
            begun = {group: pool.submit(study.verdict, group) for group in heavy_first}
            yield from (begun[group].result() for group in groups)
        except BaseException:
            for worker in active_children():
                worker.terminate()
            raise


@dataclass
class Study:
    """The proof of one `wiring`; `machines` are those that have been explored, by what they are made of."""

    wiring: Wiring
    oracle: Oracle = field(default_factory=Oracle)
    machines: dict[str, Machine] = field(default_factory=dict)

    def verdict(self, devices: tuple[str, ...]) -> Verdict:
        """Explore one group, which is one of `wiring.components()`. Raises TooMany."""
        rules = Rules.of(self.wiring)
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
        for alias, neighbour in zip(watched(spec), watched(self.wiring.specs[name]), strict=True):
            glances = seen[alias] = {}
            for device in self._seen(neighbour):
                glances.setdefault(lens.glance(alias, device), device)
        return self._made(lens, lens.views(seen))

    def _seen(self, name: str) -> Iterator[Device]:
        """Return values of a neighbour that show every glance of it. If a mover has more, the search misses a view and ends."""
        spec, lens = self._nameless(name)
        if isinstance(spec, MoverSpec):
            return poses(spec, self.oracle)
        return (node.device for node in self._made(lens, {(): {}}).nodes)

    def _made(self, lens: Lens, views: Mapping[View, Mapping[str, Device]]) -> Machine:
        key = repr((lens.spec, sorted(map(repr, views))))
        if key not in self.machines:
            self.machines[key] = Machine(lens, views)
        return self.machines[key]

    def _nameless(self, name: str) -> tuple[Spec, Lens]:
        """Return the spec with names that do not matter, and how it sees its neighbours."""
        spec = replace(timeless(self.wiring.specs[name]), id="this", title="", zone="")
        if isinstance(spec, MoverSpec):
            presence = tuple(f"presence {i}" for i in range(len(spec.presence)))
            signals = tuple(f"signal {i}" for i in range(len(spec.signals)))
            spec = replace(spec, presence=presence, airlock_with=spec.airlock_with and "airlock", signals=signals)
            spec = replace(spec, warning=spec.warning and "beacon", traffic=spec.traffic and "traffic controller")
            spec = replace(spec, mains=spec.mains and "mains")
        elif isinstance(spec, SignalSpec):
            spec = replace(spec, follows="mover")
        return spec, Lens(spec, self.oracle)

    def _glances(self, name: str, machine: Machine) -> tuple[tuple[str, ...], list[tuple[Glance, ...]]]:
        """Return who heeds `name`, and what each node of it shows to each of them."""
        heeders, lenses = [], []
        for other in self.wiring.specs.values():
            if name in watched(other):
                spec, lens = self._nameless(other.id)
                heeders.append(other.id)
                lenses.append((lens, watched(spec)[watched(other).index(name)]))
        return tuple(heeders), [tuple(lens.glance(alias, n.device) for lens, alias in lenses) for n in machine.nodes]

    def _member(self, name: str, machine: Machine, rounds: int) -> Member:
        heeders, glances = self._glances(name, machine)
        shown = [shows(node, seen) for node, seen in zip(machine.nodes, glances, strict=True)]
        found = quotient(machine, shown, rounds)
        spec, lens = self._nameless(name)
        names = dict(zip(watched(spec), watched(self.wiring.specs[name]), strict=True))
        heeded = tuple(names[alias] for alias in watched(spec))
        return Member(name, found, [shown[node] for node in found.nodes], heeders, heeded, lens.view)


def _spoken_of(specs: Sequence[Spec], rules: Rules) -> Iterator[str]:
    """Return the invariants that say something about these devices."""
    movers = [spec for spec in specs if isinstance(spec, MoverSpec)]
    if any(mover.presence for mover in movers):
        yield "c"
    if any(rules.rows[mover.id] for mover in movers):
        yield "d"
    if movers:
        yield "e"
    yield "k"
    if any(isinstance(spec, SignalSpec) for spec in specs):
        yield "R14"
