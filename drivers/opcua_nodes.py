"""A point's OPC UA address, and the exact type that its value must have to be written."""

from __future__ import annotations

from functools import lru_cache

from asyncua import ua
from asyncua.ua.ua_binary import variant_to_binary

from controller.core.readings import Value
from controller.ports import Point, PointType
from drivers.addresses import Node
from drivers.opcua_errors import RAISED
from drivers.values import unscaled

VARIANTS = {
    PointType.BOOL: ua.VariantType.Boolean,
    PointType.U16: ua.VariantType.UInt16,
    PointType.I16: ua.VariantType.Int16,
    PointType.U32: ua.VariantType.UInt32,
    PointType.I32: ua.VariantType.Int32,
    PointType.F32: ua.VariantType.Float,
    PointType.TEXT: ua.VariantType.String,
}


def node_of(point: Point) -> ua.NodeId:
    """Return the point's node id. Raises ValueError where it is none."""
    if not isinstance(point.address, Node):
        raise ValueError(f"point {point.name}: {point.address!r} is not an OPC UA address")
    try:
        return _parsed(point.address.node)
    except RAISED:
        raise ValueError(
            f"point {point.name}: {point.address.node!r} is not a node id; expected e.g. ns=2;s=Wedge.Up"
        ) from None


def variant_of(point: Point, value: Value) -> ua.Variant:
    """Return what to write: a server refuses an Int64 where it has an Int32. Raises ValueError for what does not fit."""
    if not point.writable:
        raise ValueError(f"point {point.name} is not writable")
    named = point.address.variant if isinstance(point.address, Node) else ""
    kind = ua.VariantType.__members__.get(named) if named else VARIANTS[point.type]
    if kind is None:
        raise ValueError(f"point {point.name}: {named!r} is not an OPC UA type; expected e.g. Int32")
    variant = ua.Variant(unscaled(value, point), kind)
    try:
        variant_to_binary(variant)
    except RAISED:
        raise ValueError(f"point {point.name}: {value!r} does not fit {kind.name}") from None
    return variant


@lru_cache(maxsize=10_000)
def _parsed(node: str) -> ua.NodeId:
    return ua.NodeId.from_string(node)
