"""An OPC UA server (asyncua's) as a process of its own; takes orders as JSON lines on standard input, answers each.

{"set": [name, value]} sets a variable, {"status": [name, "BadSensorFailure"]} gives it a status, {"subscriptions": []} is
answered with their number. It prints its port first. Like an S7-1500 it revises what is asked of it (R33).
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import Any

from asyncua import ua
from asyncua.common.node import Node
from asyncua.server.server import Server
from asyncua.ua.status_codes import StatusCodes

VARIABLES: dict[str, tuple[Any, ua.VariantType, bool]] = {
    "Raised": (True, ua.VariantType.Boolean, False),
    "Dial": (0, ua.VariantType.Int32, False),
    "Level": (1.5, ua.VariantType.Float, False),
    "Model": ("SW-450", ua.VariantType.String, False),
    "Command": (0, ua.VariantType.Int32, True),
    "Watchdog": (0, ua.VariantType.UInt32, True),
}
PREFIX = "Test.Wedge"
FASTEST_MS = 50.0
MOST_KEEPALIVES = 10


def say(what: object) -> None:
    """Answer on standard output."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


async def serve() -> None:
    server = Server()
    await server.init()
    server.set_endpoint("opc.tcp://127.0.0.1:0")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    await server.register_namespace("urn:rempart:test")
    folder = await server.nodes.objects.add_object(
        ua.NodeId.from_string(f"ns=2;s={PREFIX}"), ua.QualifiedName(PREFIX, 2)
    )
    nodes: dict[str, Node] = {}
    for name, (value, kind, writable) in VARIABLES.items():
        where = ua.NodeId.from_string(f"ns=2;s={PREFIX}.{name}")
        nodes[name] = await folder.add_variable(where, ua.QualifiedName(name, 2), ua.Variant(value, kind))
        if writable:
            await nodes[name].set_writable()
    brake(server)
    async with server:
        assert server.bserver is not None
        listening = server.bserver._server
        assert isinstance(listening, asyncio.Server)
        say(listening.sockets[0].getsockname()[1])
        await obey(server, nodes)


def brake(server: Server) -> None:
    """Revise publishing intervals and keep-alive counts as a PLC does."""
    server.iserver.max_keep_alive_count = MOST_KEEPALIVES
    create = server.iserver.subscription_service.create_subscription

    async def braked(params: ua.CreateSubscriptionParameters, *rest: Any, **more: Any) -> ua.CreateSubscriptionResult:
        params.RequestedPublishingInterval = max(params.RequestedPublishingInterval, FASTEST_MS)
        return await create(params, *rest, **more)

    server.iserver.subscription_service.create_subscription = braked  # type: ignore[method-assign]


async def obey(server: Server, nodes: dict[str, Node]) -> None:
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        for what, about in json.loads(line).items():
            if what == "subscriptions":
                say(len(server.iserver.subscription_service.subscriptions))
                continue
            name, value = about
            if what == "set":
                given = ua.DataValue(Value=ua.Variant(value, VARIABLES[name][1]))
            else:
                given = ua.DataValue(Value=ua.Variant(None), StatusCode=ua.StatusCode(getattr(StatusCodes, value)))
                if not value.startswith("Bad"):
                    given = ua.DataValue(Value=(await nodes[name].read_data_value()).Value, StatusCode=given.StatusCode)
            await server.write_attribute_value(nodes[name].nodeid, given)
            say("done")


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run(serve())
