"""Misfortune of servers as a whole, which takes its time: arranged first, so that it can be refused; then begun, then ended."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from simulators.build import Built
from simulators.errors import SimulationError
from simulators.mishaps import common
from simulators.mishaps.kinds import Options
from simulators.servers.base import Server
from simulators.servers.couplers import WagoMemory
from simulators.servers.modbus_rtu import ModbusRtuServer
from simulators.servers.modbus_tcp import ModbusTcpServer
from simulators.servers.moxa import MoxaMemory
from simulators.servers.mqtt import MqttServer
from simulators.servers.opcua import OpcUaServer
from simulators.servers.plc import Plc
from simulators.servers.tcp import Listener

Act = Callable[[], Awaitable[None]]
STATUS = {"BadSensorFailure": 0x808C0000, "BadCommunicationError": 0x80050000, "BadOutOfService": 0x808D0000}
"""OPC UA status codes (Part 6, annex A)."""


@dataclass(frozen=True, slots=True)
class Arranged:
    """How a misfortune begins, and how it ends."""

    begin: Act
    end: Act


@dataclass(frozen=True, slots=True)
class Scene:
    """Whom it befalls: a target on a link, and the server of that link."""

    kind: str
    target: str
    server: Server
    built: Built


def _listener(scene: Scene) -> Listener:
    match scene.server:
        case ModbusTcpServer() as server:
            return server.listener
        case OpcUaServer() | MqttServer() as server:
            return server.relay.listener
    raise SimulationError(f"{scene.kind}: nobody connects to {scene.target}: expected a link over TCP")


def _half_open(scene: Scene, options: Options) -> Arranged:
    listener = _listener(scene)
    return Arranged(_soon(listener.strand), _soon(listener.rescue))


def _broker_gone(scene: Scene, options: Options) -> Arranged:
    server = _mqtt(scene)
    return Arranged(server.stop_broker, server.start_broker)


def _retained(scene: Scene, options: Options) -> Arranged:
    server = _mqtt(scene)

    async def end() -> None:
        # A broker that is gone has forgotten it already.
        with contextlib.suppress(SimulationError):
            await server.retain(scene.target, None)

    return Arranged(lambda: server.retain(scene.target, options["age_s"]), end)


def _slow_publishing(scene: Scene, options: Options) -> Arranged:
    server = _opcua(scene)
    ends: list[Callable[[], None]] = []
    return Arranged(
        _soon(lambda: ends.append(server.publishing_s.begin(options["seconds"]))), _soon(lambda: ends.pop()())
    )


def _moved_nodes(scene: Scene, options: Options) -> Arranged:
    server = _opcua(scene)
    return Arranged(lambda: server.move_nodes(True), lambda: server.move_nodes(False))


def _plc_stop(scene: Scene, options: Options) -> Arranged:
    plc = _plc(scene)
    return Arranged(_soon(plc.stop), _soon(plc.go))


def _bad_quality(scene: Scene, options: Options) -> Arranged:
    _, point = common.point(scene.kind, scene.target, scene.built)
    plc = _plc(scene)
    point = plc.told_by(point)
    ends: list[Callable[[], None]] = []

    def begin() -> None:
        ends.append(plc.bad[point].begin(STATUS[options["status"]]))
        plc.renew(point)

    def end() -> None:
        ends.pop()()
        plc.renew(point)

    return Arranged(_soon(begin), _soon(end))


def _watchdog_expires(scene: Scene, options: Options) -> Arranged:
    server = scene.server
    memory = server.memory(scene.target) if isinstance(server, ModbusTcpServer | ModbusRtuServer) else None
    if not isinstance(memory, WagoMemory | MoxaMemory):
        profile = scene.built.plan.units[scene.target].profile
        raise SimulationError(f"watchdog-expires: {scene.target} has none: a {profile} does not watch its host")
    return Arranged(_soon(memory.expire), _soon(memory.mend))


def _mqtt(scene: Scene) -> MqttServer:
    if not isinstance(scene.server, MqttServer):
        raise SimulationError(f"{scene.kind}: {scene.target} is behind no broker")
    return scene.server


def _opcua(scene: Scene) -> OpcUaServer:
    if not isinstance(scene.server, OpcUaServer):
        raise SimulationError(f"{scene.kind}: {scene.target} is behind no OPC UA server")
    return scene.server


def _plc(scene: Scene) -> Plc:
    unit = scene.target.partition(".")[0]
    return next(plc for plc in _opcua(scene).plcs if plc.image.unit == unit)


def _soon(act: Callable[[], object]) -> Act:
    async def acted() -> None:
        act()

    return acted


SERVER_KINDS: Mapping[str, Callable[[Scene, Options], Arranged]] = {
    "half-open": _half_open,
    "broker-gone": _broker_gone,
    "retained": _retained,
    "slow-publishing": _slow_publishing,
    "moved-nodes": _moved_nodes,
    "plc-stop": _plc_stop,
    "bad-quality": _bad_quality,
    "watchdog-expires": _watchdog_expires,
}
"""Beside `drop`, `refuse`, `reboot` and `warm-restart`, of which several may hold one server down."""


def refuse(server: Server) -> None:
    """Let a server refuse new connections; its `up` ends it."""
    match server:
        case ModbusTcpServer():
            server.listener.refuse()
        case OpcUaServer() | MqttServer():
            server.relay.listener.refuse()
