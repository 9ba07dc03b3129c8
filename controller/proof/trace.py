"""A counter-example in words: a path of blocks, followed by nodes that can take it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from controller.core.device import Device
from controller.proof.machine import Edge, Machine, asked
from controller.proof.quotient import Quotient
from controller.proof.search import Found, Step

Path = list[tuple[Edge, Device]]
"""What happened to one device, and what it was then."""


def followed(machine: Machine, blocks: Quotient, number: int, path: Sequence[Step]) -> Path | None:
    """Return a way through the nodes of device `number` along `path`, None where no nodes can follow it."""
    layers: list[dict[int, tuple[int, Edge] | None]] = [{0: None}]
    for step in (step for step in path if step.device == number):
        to, silent, freed, writes = step.move
        layer: dict[int, tuple[int, Edge] | None] = {}
        for node in layers[-1]:
            for edge in machine.edges[node][step.view]:
                if (blocks.block[edge.to], edge.silent, edge.freed, edge.writes) == (to, silent, freed, writes):
                    layer.setdefault(edge.to, (node, edge))
        if not layer:
            return None
        layers.append(layer)
    found: Path = []
    node = next(iter(layers[-1]))
    for layer in layers[:0:-1]:
        came = layer[node]
        assert came is not None  # noqa: S101 (only the first layer has no origin)
        found.append((came[1], machine.nodes[node].device))
        node = came[0]
    return found[::-1]


def told(devices: Sequence[str], found: Found, paths: Mapping[str, Path]) -> Iterator[str]:
    """Return the lines of the counter-example: what happens, to which device, and what it does then; and what is wrong."""
    rest = {name: list(path) for name, path in paths.items()}
    for number, step in enumerate(found.path, 1):
        name = devices[step.device]
        edge, device = rest[name].pop(0)
        yield f"{number}. {edge.what.text.format(name)}{_then(name, edge, device)}"
    if found.broken is not None:
        yield f"=> {found.broken.how}"


def _then(name: str, edge: Edge, device: Device) -> str:
    said = [] if edge.silent else [f"{name} is {device.state}"]
    if edge.writes:
        said.append("it writes " + ", ".join(f"{c} {'on' if level else 'off'}" for c, level in edge.writes))
    elif asked(device) and not edge.silent:
        said.append(f"it keeps {', '.join(sorted(asked(device)))} on")
    return f": {'; '.join(said)}" if said else ""
