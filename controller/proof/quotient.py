"""Nodes of a device that show others the same are one block, and a block can do whatever one of its nodes can.

That adds paths and takes none away, so what is proved of the blocks holds of the nodes. A counter-example among blocks may be
one that no nodes can follow: then the blocks are split by what their nodes can do next (`rounds` times), and it is tried again.
After enough rounds the blocks are those of strong bisimulation, whose paths are those of the nodes, no more and no less.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from controller.proof.lens import View
from controller.proof.machine import Machine

Move = tuple[int, bool, tuple[str, ...], tuple[tuple[str, bool], ...]]
"""The block it leads to, whether only time went by, what is surely off then, and what is written."""


@dataclass(frozen=True)
class Quotient:
    """`block` gives each node its block, `nodes` each block the first of its nodes; `moves` are its moves under each view."""

    block: Sequence[int]
    nodes: Sequence[int]
    moves: Sequence[dict[View, tuple[Move, ...]]]


def quotient(machine: Machine, shows: Sequence[Hashable], rounds: int) -> Quotient:
    """Merge the nodes of `machine` that show the same (`shows`, one for each node) and do the same for `rounds` steps."""
    block = _numbered(shows)
    for _ in range(rounds):
        block = _numbered([(block[n], _outgoing(machine, n, block)) for n in range(len(block))])
    first: dict[int, int] = {}
    moves: list[dict[View, set[Move]]] = []
    for node, number in enumerate(block):
        if number not in first:
            first[number] = node
            moves.append({view: set() for view in machine.views})
        for view, found in _outgoing(machine, node, block):
            moves[number][view] |= found
    ordered = [{view: tuple(sorted(found)) for view, found in by.items()} for by in moves]
    return Quotient(block, list(first.values()), ordered)


def _numbered(keys: Sequence[Hashable]) -> list[int]:
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def _outgoing(machine: Machine, node: int, block: Sequence[int]) -> tuple[tuple[View, frozenset[Move]], ...]:
    return tuple(
        (view, frozenset((block[e.to], e.silent, e.freed, e.writes) for e in edges))
        for view, edges in machine.edges[node].items()
    )
