"""An OPC UA server's address space, as far as it was looked at, and how a person reads it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from asyncua import ua

from controller.core.readings import Value
from controller.ports import Point
from drivers.addresses import Node
from drivers.opcua_errors import name_of
from drivers.probing.findings import Absent, Read, Thing, plain
from drivers.profile import AnyUnitProfile, OpcUaProfile
from drivers.values import engineering

READABLE, WRITABLE = 1, 2
"""Bits of an access level, Part 3, 8.57."""


@dataclass(slots=True)
class NodeFound:
    """One node: an object, or a variable with its type, its access level and its value."""

    id: ua.NodeId
    name: str
    depth: int
    variable: bool
    children: list[NodeFound] = field(default_factory=list)
    type: str = ""
    access: str = ""
    value: object = None
    status: str = ""
    more: str = ""

    @property
    def written(self) -> str:
        """The node's id as profiles write it."""
        return self.id.to_string()

    def told(self) -> str:
        """Tell of a variable in one line: type, access, value."""
        if not self.variable:
            return self.written + self.more
        shown = self.status or f"= {plain(str(self.value), 40)}"
        return f"{self.written} {self.type} {self.access} {shown}{self.more}"

    def fill(self, kind: ua.DataValue, access: ua.DataValue, value: ua.DataValue) -> None:
        """Take what a variable's attributes are."""
        held = value.Value
        self.type = _type_name(kind, held)
        bits = access.Value.Value if access.Value is not None else None
        if isinstance(bits, int):
            self.access = ("r" if bits & READABLE else "") + ("w" if bits & WRITABLE else "") or "-"
        if value.StatusCode is not None and not value.StatusCode.is_good():
            self.status = name_of(value.StatusCode.value)
        self.value = None if held is None else held.Value


def _type_name(kind: ua.DataValue, held: ua.Variant | None) -> str:
    node = kind.Value.Value if kind.Value is not None else None
    if isinstance(node, ua.NodeId) and node.NamespaceIndex == 0 and isinstance(node.Identifier, int):
        try:
            return ua.VariantType(node.Identifier).name
        except ValueError:
            pass
    if held is not None and held.Value is not None:
        return held.VariantType.name
    return node.to_string() if isinstance(node, ua.NodeId) else "?"


def walk(nodes: list[NodeFound]) -> Iterator[NodeFound]:
    """Yield nodes as a tree is written: each, then what is below it."""
    for node in nodes:
        yield node
        yield from walk(node.children)


def thing(roots: list[NodeFound]) -> Thing:
    """Make what is told of an address space."""
    everything = list(walk(roots))
    variables = {node.written: node for node in everything if node.variable}

    def addresses(profile: AnyUnitProfile) -> list[int | str | None]:
        return list(prefixes(profile, variables)) if isinstance(profile, OpcUaProfile) else []

    rows = [(f"{'  ' * node.depth}{plain(node.name, 40)}", node.told()) for node in everything]
    data: Mapping[str, Any] = {"nodes": [_data(node) for node in roots]}
    return Thing("address space", "opcua", {}, rows, data, addresses, _reader(variables))


def prefixes(profile: OpcUaProfile, variables: Mapping[str, object]) -> list[str | None]:
    """Return what may stand for `{prefix}` in the profile's node ids, those that fit most of its points first.

    A profile without a prefix has one address, none.
    """
    counts: dict[str, int] = {}
    patterns = [row.node for row in profile.points.values()]
    if not any("{prefix}" in pattern for pattern in patterns):
        return [None]
    for pattern in patterns:
        before, _, after = pattern.partition("{prefix}")
        shape = re.compile(f"{re.escape(before)}(.+){re.escape(after)}")
        for written in variables:
            if found := shape.fullmatch(written):
                counts[found[1]] = counts.get(found[1], 0) + 1
    most = max(counts.values(), default=0)
    near = [prefix for prefix, count in counts.items() if 2 * count >= most]
    return [*sorted(near, key=lambda prefix: (-counts[prefix], prefix))]


def _reader(variables: Mapping[str, NodeFound]) -> Read:
    def read(point: Point) -> Value | Absent:
        node = variables.get(point.address.node) if isinstance(point.address, Node) else None
        if node is None:
            return Absent("no such node was found")
        if node.value is None:
            return Absent(node.status or "has no value")
        try:
            return engineering(node.value, point)
        except ValueError as error:
            return Absent(plain(str(error), 80))

    return read


def _data(node: NodeFound) -> dict[str, Any]:
    told: dict[str, Any] = {"node": node.written, "name": node.name}
    if node.variable:
        value = node.value if _is_json(node.value) else plain(str(node.value), 200)
        told |= {"type": node.type, "access": node.access, "value": value, "status": node.status}
    return told | {"children": [_data(child) for child in node.children]}


def _is_json(value: object) -> bool:
    """Tell whether JSON can hold it as it is: no number that is none, no structure."""
    return math.isfinite(value) if isinstance(value, float) else isinstance(value, bool | int | str | None)
