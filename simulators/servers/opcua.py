"""OPC UA: a PLC's address space on asyncua, behind a relay; with its heartbeat, and its watch over the controller's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC
from time import monotonic
from typing import Any

from asyncua import ua
from asyncua.server.server import Server
from asyncua.ua.attribute_ids import AttributeIds

from simulators.image import Image
from simulators.profiles import PointRow, Value
from simulators.servers.base import GateOf
from simulators.servers.deadman import Deadman
from simulators.servers.relay import Relay
from simulators.servers.tcp import HOST

PATH = "/rempart/"
NAMESPACE = "urn:rempart:field"
HEARTBEAT_S = 1.0
WATCHDOG_S = 3.0
"""Orders are dropped when the controller's watchdog value stood still for this long; from its first write on."""
VARIANTS = {
    "bool": ua.VariantType.Boolean,
    "u16": ua.VariantType.UInt16,
    "i16": ua.VariantType.Int16,
    "u32": ua.VariantType.UInt32,
    "i32": ua.VariantType.Int32,
    "f32": ua.VariantType.Float,
    "text": ua.VariantType.String,
}


class Plc:
    """One unit's program: nodes ↔ image, heartbeat up, controller's watchdog down."""

    def __init__(self, image: Image, prefix: str) -> None:
        self.image = image
        self._prefix = prefix
        self._alive: float | None = None
        self._deadman = Deadman(self._due, self._drop, monotonic)
        self._changes: asyncio.Queue[str] = asyncio.Queue()
        self._server: Server | None = None

    async def build(self, server: Server, namespace: int) -> None:
        """Make the unit's nodes and keep them in step with the image."""
        self._server = server
        folder = await server.nodes.objects.add_object(
            ua.NodeId(ua.String(self._prefix), ua.Int16(namespace)), self._prefix
        )
        for row in self.image.profile.points.values():
            node = self._node(row)
            kind = _variant(row)
            name = row.where["node"].rpartition(".")[2]
            variable = await folder.add_variable(
                node, ua.QualifiedName(name, namespace), self.image.read(row.name), kind
            )
            if row.writable:
                await variable.set_writable()
                server.set_attribute_value_setter(node, self._setter(row.name))
        self.image.watch(lambda name, _: self._changes.put_nowait(name))

    async def run(self) -> None:
        """Pass changes of the image on to the nodes, in their order, and let the heart beat."""
        loop = asyncio.get_running_loop()
        beat = loop.time()
        while True:
            try:
                async with asyncio.timeout_at(beat):
                    await self._publish(await self._changes.get())
            except TimeoutError:
                self._beat()
                beat = loop.time() + HEARTBEAT_S

    def reset(self) -> None:
        """Start the program anew: no order, no controller seen yet."""
        self.close()
        self._alive = None
        profile = self.image.profile
        self.image.write({name: self.image.off(name) for name, row in profile.points.items() if row.writable})
        if profile.heartbeat is not None:
            self.image.put({profile.heartbeat: 0})

    def close(self) -> None:
        """Leave no timer behind."""
        self._deadman.close()

    def _beat(self) -> None:
        heartbeat = self.image.profile.heartbeat
        if heartbeat is not None:
            self.image.put({heartbeat: (int(self.image.true(heartbeat)) + 1) % 2**32})

    def _setter(self, name: str) -> Any:
        def written(data: Any, attribute: AttributeIds, value: ua.DataValue) -> None:
            data.attributes[attribute].value = value
            raw = None if value.Value is None else value.Value.Value
            if raw is not None and raw != self.image.true(name):
                self._written(name, raw)

        return written

    def _written(self, name: str, value: Value) -> None:
        self.image.write({name: value})
        if name == self.image.profile.fed:
            self._alive = monotonic()
            self._deadman.poke()

    def _due(self) -> float | None:
        return None if self._alive is None else self._alive + WATCHDOG_S

    def _drop(self) -> None:
        self._alive = None
        profile = self.image.profile
        orders = [row for row in profile.points.values() if row.writable and row.name != profile.fed]
        self.image.write({row.name: self.image.off(row.name) for row in orders})

    async def _publish(self, name: str) -> None:
        row = self.image.profile.points[name]
        now = ua.DateTime.now(UTC)
        value = ua.DataValue(ua.Variant(self.image.read(name), _variant(row)), SourceTimestamp=now, ServerTimestamp=now)
        if self._server is not None:
            await self._server.write_attribute_value(self._node(row), value)

    def _node(self, row: PointRow) -> ua.NodeId:
        return ua.NodeId.from_string(row.where["node"].replace("{prefix}", self._prefix))


class OpcUaServer:
    """The units of one PLC."""

    protocol = "opcua"

    def __init__(self, units: Mapping[str, Image], gate: GateOf, port: int = 0) -> None:
        """Take the units by their node id prefix."""
        self._plcs = [Plc(image, prefix) for prefix, image in units.items()]
        only = self._plcs[0].image.unit if len(self._plcs) == 1 else ""
        self._relay = Relay(lambda: gate(only), port)
        self._server: Server | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        return f"opc.tcp://{HOST}:{self._relay.port}{PATH}"

    async def up(self) -> None:
        if self._server is None:
            await self._start()
        await self._relay.up()

    async def down(self) -> None:
        await self._relay.down()

    async def close(self) -> None:
        await self.down()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for plc in self._plcs:
            plc.close()
        if self._server is not None:
            await _stop(self._server)

    def reboot(self, unit: str) -> None:
        for plc in self._plcs:
            if plc.image.unit == unit:
                plc.reset()

    async def _start(self) -> None:
        server = Server()
        await server.init()
        server.set_endpoint(f"opc.tcp://{HOST}:0{PATH}")
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        namespace = await server.register_namespace(NAMESPACE)
        for plc in self._plcs:
            await plc.build(server, namespace)
        await server.start()
        self._server = server
        self._relay.target = int(server.bserver.port) if server.bserver is not None else 0
        self._tasks = [asyncio.create_task(plc.run(), name=f"plc {plc.image.unit}") for plc in self._plcs]


async def _stop(server: Server) -> None:
    """Stop without waiting for the next stroke of asyncua's own clock, up to a second away."""
    clock, server.iserver.time_task = server.iserver.time_task, None
    if clock is not None:
        clock.cancel()
        await asyncio.gather(clock, return_exceptions=True)
    await server.stop()


def _variant(row: PointRow) -> ua.VariantType:
    named = row.where.get("variant")
    return ua.VariantType[named] if named else VARIANTS[row.type]
