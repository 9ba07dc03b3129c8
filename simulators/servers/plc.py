"""One program of a simulated PLC: nodes of an OPC UA server kept in step with a unit's image."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC
from time import monotonic
from typing import Any

from asyncua import ua
from asyncua.server.server import Server
from asyncua.ua.attribute_ids import AttributeIds

from simulators.ill import Ill
from simulators.image import Image
from simulators.profiles import PointRow, Value
from simulators.servers.deadman import Deadman
from simulators.servers.machinery import Machinery

GOOD = 0
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
        self._unseen: list[str] = []
        self._raw = {row.where["node"]: row.name for row in image.profile.points.values() if row.equals is None}
        self._server: Server | None = None
        self._namespace = 0
        self.bad: dict[str, Ill[int]] = {name: Ill(GOOD) for name in image.profile.points}
        """The status code that each point's value has."""
        self._stops = 0
        self._built = False
        self._folder: Any = None
        self.image.watch(lambda name, _: self.renew(name))
        Machinery(image)

    async def build(self, server: Server, namespace: int) -> None:
        """Make the unit's nodes and keep them in step with the image."""
        self._server, self._namespace = server, namespace
        self._folder = await server.nodes.objects.add_object(
            ua.NodeId(ua.String(self._prefix), ua.Int16(namespace)), self._prefix
        )
        for row in _variables(self.image.profile.points.values()):
            node = self._node(row)
            kind = _variant(row)
            name = row.where["node"].partition(".")[2]
            variable = await self._folder.add_variable(
                node, ua.QualifiedName(name, namespace), self.image.read(row.name), kind
            )
            if row.writable:
                await variable.set_writable()
                server.set_attribute_value_setter(node, self._setter(row.name))
        self._built = True
        # What changed while they were made.
        for name in self.image.profile.points:
            self.renew(name)

    async def move(self, namespace: int) -> None:
        """Take the nodes away and make them in another namespace."""
        if self._server is None:
            return
        self._built = False
        await self._server.delete_nodes([self._folder], recursive=True)
        await self.build(self._server, namespace)

    async def run(self, sampling_s: float = 0.0) -> None:
        """Pass changes of the image on to the nodes, in their order, and let the heart beat.

        With `sampling_s` the nodes are looked at every so often, and what was different in between is not seen by anybody.
        """
        loop = asyncio.get_running_loop()
        beat = loop.time()
        while True:
            try:
                async with asyncio.timeout_at(beat):
                    await self._next(sampling_s)
            except TimeoutError:
                if not self._stops:
                    self._beat()
                beat = loop.time() + HEARTBEAT_S

    async def _next(self, sampling_s: float) -> None:
        if not self._unseen:
            self._unseen.append(await self._changes.get())
        if sampling_s:
            await asyncio.sleep(sampling_s)
            while not self._changes.empty():
                self._unseen.append(self._changes.get_nowait())
        while self._unseen:
            await self._publish(self._unseen[0])
            self._unseen.pop(0)

    def told_by(self, name: str) -> str:
        """Return the point whose value a point's node has: of a contact that compares, the one that it compares."""
        row = self.image.profile.points[name]
        return name if row.equals is None else self._raw.get(row.where["node"], name)

    def renew(self, name: str) -> None:
        """Publish a point again."""
        self._changes.put_nowait(name)

    def stop(self) -> None:
        """Let the program stand still: no order lasts, no value changes, the server goes on answering."""
        self._stops += 1
        self._drop()

    def go(self) -> None:
        """Start the program anew, with the values of now."""
        self._stops -= 1
        self.reset()
        for name in self.image.profile.points:
            self.renew(name)

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
            if raw is not None and raw != self.image.true(name) and not self._stops:
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
        if self._stops or not self._built:
            return
        if self.told_by(name) != name:
            return
        row = self.image.profile.points[name]
        now = ua.DateTime.now(UTC)
        status = ua.StatusCode(ua.UInt32(self.bad[name].now))
        shown = ua.Variant(self.image.read(name), _variant(row))
        value = ua.DataValue(shown, status, SourceTimestamp=now, ServerTimestamp=now)
        if self._server is not None:
            await self._server.write_attribute_value(self._node(row), value)

    def _node(self, row: PointRow) -> ua.NodeId:
        named = ua.NodeId.from_string(row.where["node"].replace("{prefix}", self._prefix))
        # Where the server has moved its nodes, they are not where the profile looks for them.
        return ua.NodeId(named.Identifier, ua.Int16(self._namespace))


def _variables(rows: Iterable[PointRow]) -> list[PointRow]:
    """Return one row for each node: a contact that is true while a node has some value is no node of its own."""
    found: dict[str, PointRow] = {}
    for row in rows:
        node = row.where["node"]
        if node not in found or found[node].equals is not None:
            found[node] = row
    return list(found.values())


def _variant(row: PointRow) -> ua.VariantType:
    named = row.where.get("variant")
    return ua.VariantType[named] if named else VARIANTS[row.type]
