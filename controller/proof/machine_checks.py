"""What must hold of each device by itself: nothing but an order starts a motion, nobody is left unaware, nothing is stuck."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from controller.core.device import Device
from controller.core.mover import Mover
from controller.core.spec import Kind, MoverSpec
from controller.proof.clock import NOW
from controller.proof.invariants import Broken
from controller.proof.lens import Glance
from controller.proof.machine import Edge, Machine, asked

MACHINE = {
    "starts": "nothing but an order starts a motion; only an opening motion may follow upon a securing one without a new order",
    "e": "nothing that people hold over a device lets a motion go on but the emergency that is latched, a return, and under a "
    "lockdown the opening that two people have asked for",
    "waits": "an order that waits has no output on",
    "told": "whoever looks at a sensor is told as soon as it forbids something new",
    "alive": "from everywhere some sequence of events leads to where an order is obeyed",
    "reached": "every state of the table is reached",
}


BARS = ("local", "estop")
"""The inputs that bar every motion while they are not surely off."""


def check(name: str, machine: Machine, glances: Sequence[tuple[Glance, ...]]) -> Broken | None:
    """Return what is wrong with the device of `machine`; `glances` is what each of its nodes shows to others."""
    return next(_wrong(name, machine, glances), None)


def _wrong(name: str, machine: Machine, glances: Sequence[tuple[Glance, ...]]) -> Iterator[Broken]:
    for at, edge in _edges(machine):
        before, after = machine.nodes[at].device, machine.nodes[edge.to].device
        what = edge.what.text.format(name)
        if not _may_start(before, after, edge):
            yield Broken("starts", f"{what}: {name} was {before.state} and is {after.state}, without an order to")
        newly = _forbids(glances[edge.to]) and not _forbids(glances[at])
        if isinstance(after, Mover) and after.moving and not _may_go_on(after, edge):
            yield Broken("e", f"{what}: {name} is {after.state} all the same")
        if isinstance(after, Mover) and after.waiting and asked(after):
            yield Broken("waits", f"{what}: an order to {name} waits, and {', '.join(sorted(asked(after)))} is on")
        if machine.spec.kind is Kind.LOOP and newly and not edge.silent and not edge.told:
            yield Broken("told", f"{what}: {name} shows something else now, and nobody is woken")
    if isinstance(machine.spec, MoverSpec):
        yield from _stuck(name, machine)


def _forbids(glances: Sequence[Glance]) -> bool:
    return any(fact.startswith("forbids") for glance in glances for answer in glance for fact in answer)


def _edges(machine: Machine) -> Iterator[tuple[int, Edge]]:
    for at, by_view in enumerate(machine.edges):
        for edges in by_view.values():
            yield from ((at, edge) for edge in edges)


def _may_go_on(after: Mover, edge: Edge) -> bool:
    """Tell whether this motion may go on under what `edge` tells of: a return, the emergency latched, what two people open."""
    under = edge.what.under
    if under is None:
        return True
    if under.holds.tags or any(under.truth(name, NOW) is not False for name in BARS if name in under.spec.inputs):
        return False
    # An emergency ends a test, and waits for no journal.
    free = under.holds.known and under.holds.efo is None and not under.holds.test
    agreed = edge.what.agreed and after.motion is after.spec.opens
    return free or agreed or bool(after.returning) or after.emergency


def _may_start(before: Device, after: Device, edge: Edge) -> bool:
    if not isinstance(before, Mover) or not isinstance(after, Mover) or after.motion in (None, before.motion):
        return True
    returns = before.motion is before.spec.secures and after.motion is before.spec.opens and after.returning
    begins = before.waiting and before.order is not None and before.order.action is after.motion
    return edge.what.order is after.motion or bool(returns or begins)


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
