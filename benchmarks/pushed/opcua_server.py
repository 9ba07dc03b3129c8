"""An OPC UA server (asyncua's) whose variables change, as a process of its own.

    python -m benchmarks.pushed.opcua_server PORT CONTROL_PORT ITEMS

The line `play COUNT PER_S TURNING` is answered when that is done.
"""

from __future__ import annotations

import asyncio
import logging
import sys

from asyncua import ua
from asyncua.common.node import Node
from asyncua.server.server import Server

from benchmarks.pushed.changes import Change, Changes, play
from benchmarks.pushed.control import answer
from benchmarks.pushed.names import NAMESPACE, node_of


async def serve(port: int, control: int, count: int) -> None:
    """Serve `count` variables."""
    server, changes = Server(), Changes(count)
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    await server.register_namespace("urn:rempart:bench")
    nodes = [await _variable(server, node_of(item), changes.speeds[item]) for item in range(count)]

    async def push(change: Change) -> None:
        value = ua.DataValue(ua.Variant(change.speed, ua.VariantType.Float))
        await server.write_attribute_value(nodes[change.item].nodeid, value)

    async def do(words: list[str]) -> object:
        _, changed, per_s, turning = words
        return await play(changes, int(changed), float(per_s), push, turning=turning == "True")

    async with server:
        await answer(control, do)


async def _variable(server: Server, node: str, speed: float) -> Node:
    name = ua.QualifiedName(node.partition("s=")[2], NAMESPACE)
    value = ua.Variant(speed, ua.VariantType.Float)
    return await server.nodes.objects.add_variable(ua.NodeId.from_string(node), name, value)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run(serve(*map(int, sys.argv[1:4])))
