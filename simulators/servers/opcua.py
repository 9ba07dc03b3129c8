"""OPC UA: a PLC's address space on asyncua, behind a relay; with its heartbeat, and its watch over the controller's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from asyncua import ua
from asyncua.server.server import Server

from simulators.ill import Ill
from simulators.image import Image
from simulators.servers.base import GateOf
from simulators.servers.opcua_limits import Limits, brake
from simulators.servers.plc import Plc
from simulators.servers.relay import Relay
from simulators.servers.tcp import HOST

PATH = "/rempart/"
NAMESPACE = "urn:rempart:field"
MOVED = f"{NAMESPACE}:moved"
NO_LIMITS = Limits()


class OpcUaServer:
    """The units of one PLC."""

    protocol = "opcua"

    def __init__(self, units: Mapping[str, Image], gate: GateOf, port: int = 0, limits: Limits = NO_LIMITS) -> None:
        """Take the units by their node id prefix."""
        self._limits = limits
        self.plcs = [Plc(image, prefix) for prefix, image in units.items()]
        only = self.plcs[0].image.unit if len(self.plcs) == 1 else ""
        self.publishing_s = Ill(0.0)
        """No subscription publishes more often."""
        self.relay = Relay(lambda: gate(only), port)
        self._server: Server | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        return f"opc.tcp://{HOST}:{self.relay.port}{PATH}"

    async def up(self) -> None:
        if self._server is None:
            await self._start()
        await self.relay.up()

    async def down(self) -> None:
        await self.relay.down()

    async def close(self) -> None:
        await self.down()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for plc in self.plcs:
            plc.close()
        if self._server is not None:
            await _stop(self._server)

    async def move_nodes(self, moved: bool) -> None:
        """Come back, as after a start with another program, with the nodes in another namespace, or where they belong."""
        await self.down()
        if self._server is not None:
            namespace = await self._server.register_namespace(MOVED if moved else NAMESPACE)
            for plc in self.plcs:
                await plc.move(namespace)
        await self.up()

    def reboot(self, unit: str) -> None:
        for plc in self.plcs:
            if plc.image.unit == unit:
                plc.reset()

    async def _start(self) -> None:
        server = Server()
        await server.init()
        server.set_endpoint(f"opc.tcp://{HOST}:0{PATH}")
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        namespace = await server.register_namespace(NAMESPACE)
        for plc in self.plcs:
            await plc.build(server, namespace)
        brake(server, self._limits)
        await server.start()
        self._revise(server)
        self._server = server
        self.relay.target = int(server.bserver.port) if server.bserver is not None else 0
        often = self._limits.min_sampling_s or 0.0
        self._tasks = [asyncio.create_task(plc.run(often), name=f"plc {plc.image.unit}") for plc in self.plcs]

    def _revise(self, server: Server) -> None:
        """Let the server revise publishing intervals beyond its limits, while something is wrong."""
        service = server.iserver.subscription_service
        create = service.create_subscription

        async def revised(params: ua.CreateSubscriptionParameters, *rest: Any, **named: Any) -> Any:
            params.RequestedPublishingInterval = max(params.RequestedPublishingInterval, self.publishing_s.now * 1000)
            return await create(params, *rest, **named)

        service.create_subscription = revised  # type: ignore[method-assign]


async def _stop(server: Server) -> None:
    """Stop without waiting for the next stroke of asyncua's own clock, up to a second away."""
    clock, server.iserver.time_task = server.iserver.time_task, None
    if clock is not None:
        clock.cancel()
        await asyncio.gather(clock, return_exceptions=True)
    await server.stop()
