"""What must hold of each device by itself: nothing but an order starts a motion, nobody is left unaware, nothing is stuck."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from controller.core.device import Device
from controller.core.mover import Mover
from controller.core.spec import Action, Kind, MoverSpec
from controller.proof.invariants import Broken
from controller.proof.lens import Glance
from controller.proof.machine import Edge, Machine

MACHINE = {
    "starts": "nothing but an order starts a motion; only an opening motion may follow upon a securing one without a new order",
    "told": "whoever looks at a sensor is told as soon as it forbids something new",
    "alive": "from everywhere some sequence of events leads to where an order is obeyed",
    "reached": "every state of the table is reached",
}


NOTHING = frozenset({frozenset[Action]()})
"""The glance at a neighbour that forbids nothing."""


def check(name: str, machine: Machine, glances: Sequence[tuple[Glance, ...]]) -> Broken | None:
    """Return what is wrong with the device of `machine`; `glances` is what each of its nodes shows to others."""
    return next(_wrong(name, machine, glances), None)


def _wrong(name: str, machine: Machine, glances: Sequence[tuple[Glance, ...]]) -> Iterator[Broken]:
    for at, edge in _edges(machine):
        before, after = machine.nodes[at].device, machine.nodes[edge.to].device
        what = edge.what.text.format(name)
        if not _may_start(before, after, edge):
            yield Broken("starts", f"{what}: {name} was {before.state} and is {after.state}, without an order to")
        newly = glances[edge.to] != glances[at] and all(glance == NOTHING for glance in glances[at])
        if machine.spec.kind is Kind.LOOP and newly and not edge.silent and not edge.told:
            yield Broken("told", f"{what}: {name} shows something else now, and nobody is woken")
    if isinstance(machine.spec, MoverSpec):
        yield from _stuck(name, machine)


def _edges(machine: Machine) -> Iterator[tuple[int, Edge]]:
    for at, by_view in enumerate(machine.edges):
        for edges in by_view.values():
            yield from ((at, edge) for edge in edges)


def _may_start(before: Device, after: Device, edge: Edge) -> bool:
    if not isinstance(before, Mover) or not isinstance(after, Mover) or after.motion in (None, before.motion):
        return True
    returns = before.motion is before.spec.secures and after.motion is before.spec.opens
    return edge.what.order is after.motion or returns


def _stuck(name: str, machine: Machine) -> Iterator[Broken]:
    states = {node.device.state for node in machine.nodes}
    for missing in sorted(
        {"raised", "lowered", "raising", "lowering", "stopped", "fault", "unknown", "offline"} - states
    ):
        yield Broken("reached", f"{name} is never {missing}")
    back: dict[int, set[int]] = {}
    for at, edge in _edges(machine):
        back.setdefault(edge.to, set()).add(at)
    alive = {at for at, node in enumerate(machine.nodes) if isinstance(node.device, Mover) and node.device.moving}
    todo = list(alive)
    while todo:
        for at in back.get(todo.pop(), set()) - alive:
            alive.add(at)
            todo.append(at)
    for at in set(range(len(machine.nodes))) - alive:
        yield Broken("alive", f"{name}, once {machine.nodes[at].device.state}, can never be moved again")
