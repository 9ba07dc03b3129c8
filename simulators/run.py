"""One simulated field from start to stop: build, serve, tell where, live, end."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from simulators import schema
from simulators.build import Built, build
from simulators.clock import Clock
from simulators.control import Control
from simulators.errors import SimulationError
from simulators.servers.base import GateOf, Server
from simulators.servers.couplers import UnitMemory, memory_of
from simulators.servers.modbus_rtu import ModbusRtuServer
from simulators.servers.modbus_tcp import ModbusTcpServer
from simulators.servers.serial_radar import SerialRadar, voice_of
from simulators.trouble import Troubles

if TYPE_CHECKING:
    from simulators.servers.mqtt import Sensor

TICK_S = 0.02
OWN_FOLDER = "rempart-sim-"


@dataclass(frozen=True, slots=True)
class Options:
    """How to run it. `only` names the links to serve, all of them if empty; `ports` are those that links must have."""

    speed: float = 1.0
    seed: int = 0
    traffic: bool = True
    only: Collection[str] = ()
    broker: str = "auto"
    ports: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    """A field that is being served."""

    built: Built
    servers: Mapping[str, Server]
    troubles: Troubles
    control: Control
    living: asyncio.Task[None]
    """What makes everything go on; it ends by its mistakes only."""

    @property
    def links(self) -> dict[str, str]:
        """Return each served link's URL."""
        return {name: server.url for name, server in self.servers.items()}


@asynccontextmanager
async def running(folder: Path, options: Options, runtime: Path | None = None) -> AsyncIterator[Running]:
    """Serve the field of a site folder for as long as the block lasts. Raises SimulationError."""
    clock = Clock(options.speed)
    built = build(folder, clock, options.seed, options.traffic, _seconds_of_day())
    _known_links(options.only, built.plan)
    async with AsyncExitStack() as stack:
        place = runtime or Path(tempfile.mkdtemp(prefix=OWN_FOLDER))
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        if place.name.startswith(OWN_FOLDER):
            stack.callback(shutil.rmtree, place, ignore_errors=True)
        servers: dict[str, Server] = {}
        troubles = Troubles(built, servers, options.seed)
        stack.push_async_callback(troubles.close)
        for name in built.plan.links:
            if not options.only or name in options.only:
                servers[name] = _server(name, built, troubles, place, options)
                stack.push_async_callback(servers[name].close)
        await asyncio.gather(*(server.up() for server in servers.values()))
        for scripted in built.plan.troubles:
            troubles.check(scripted.kind, scripted.target, scripted.options)
        control = Control(place / "control.sock", built, servers, troubles)
        await control.open()
        stack.push_async_callback(control.close)
        living = asyncio.create_task(_live(built), name="field")
        stack.push_async_callback(_end, [living, asyncio.create_task(_script(built, troubles), name="script")])
        yield Running(built, servers, troubles, control, living)


def _server(name: str, built: Built, troubles: Troubles, place: Path, options: Options) -> Server:
    """Make a link's server. The libraries of OPC UA and MQTT take as long to import as all else: only where they are needed."""
    link = built.plan.links[name]
    gate: GateOf = partial(troubles.gate, name)
    port = options.ports.get(name, 0)
    match link:
        case schema.ModbusTcp():
            return ModbusTcpServer(_memories(name, built), gate, port)
        case schema.ModbusRtu():
            return ModbusRtuServer(place / name, _memories(name, built), gate, link.baudrate, link.parity)
        case schema.OpcUa():
            from simulators.servers.opcua import OpcUaServer
            from simulators.servers.opcua_limits import Limits

            prefixes = {str(built.plan.units[n].address): built.images[n] for n in _units(name, built)}
            return OpcUaServer(prefixes, gate, port, Limits(link.min_publish_s, link.min_sampling_s, link.max_items))
        case schema.Mqtt():
            from simulators.servers import broker
            from simulators.servers.mqtt import MqttServer

            return MqttServer(_sensors(name, built), gate, broker.choose(options.broker, place), port)
        case schema.SerialLine():
            units = _units(name, built)
            if len(units) != 1:
                raise SimulationError(f"link {name}: a serial line has one device, found {len(units)}")
            image = built.images[units[0]]
            voice = voice_of(image.profile.dialect, built.plan.units[units[0]].message)
            return SerialRadar(place / name, image, gate, link.baudrate, voice)


def _units(link: str, built: Built) -> list[str]:
    return [name for name, unit in built.plan.units.items() if unit.link == link]


def _sensors(link: str, built: Built) -> list[Sensor]:
    from simulators.servers.mqtt import Sensor

    zone = ZoneInfo(built.plan.timezone)
    units = built.plan.units
    return [Sensor(built.images[n], str(units[n].address), units[n].every_s, zone) for n in _units(link, built)]


def _memories(link: str, built: Built) -> dict[int, UnitMemory]:
    units = {name: unit for name, unit in built.plan.units.items() if unit.link == link}
    return {
        int(u.address): memory_of(built.images[n], int(u.address), u.host_lost_s) for n, u in units.items() if u.address
    }


def _seconds_of_day() -> float:
    now = datetime.now().astimezone()
    return now.hour * 3600.0 + now.minute * 60 + now.second


async def _live(built: Built) -> None:
    while True:
        built.field.advance()
        await asyncio.sleep(TICK_S)


async def _script(built: Built, troubles: Troubles) -> None:
    began = asyncio.get_running_loop().time()
    for scripted in sorted(built.plan.troubles, key=lambda t: t.at_s):
        await asyncio.sleep(began + scripted.at_s - asyncio.get_running_loop().time())
        await troubles.begin(scripted.kind, scripted.target, scripted.for_s, scripted.options)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _known_links(only: Collection[str], plan: schema.Simulation) -> None:
    for name in only:
        if name not in plan.links:
            raise SimulationError(f"--only: there is no link {name!r}: expected some of {', '.join(plan.links)}")
