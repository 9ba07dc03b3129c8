"""The control port: a unix socket that takes one JSON object a line and answers each with one.

    {"do": "world"}                                       where everything is
    {"do": "list"}                                        kinds of trouble, troubles that last, traffic, links
    {"do": "trouble", "kind": K, "target": T, "for_s"?: S, …}   options of the kind beside them
    {"do": "clear", "which"?: id, kind or target}         end one trouble, some, or all
    {"do": "occupy", "loop": L} / {"do": "vacate", "loop"?: L}  park a vehicle on a loop, and take it away
    {"do": "drive", "lane": L, "kmh"?: V, "length_m"?: M, "name"?: N}   send a vehicle down a lane
    {"do": "move", "plant": P, "to": 0…1}                 move steel by hand, without any order
    {"do": "local", "plant": P, "on": true|false}         turn the key switch at the equipment
    {"do": "contact", "plant": P, "disturbed": true|false}      open a door, …
    {"do": "people", "plant": P, "count": N}              put that many people on the square
    {"do": "traffic", "on": true|false}                   let vehicles come by themselves, or not
    {"do": "restore"}                                     take all of this back; steel stays where it is

Each answer has "ok": true and the particulars, or "ok": false and "error".
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from simulators.build import Built
from simulators.errors import SimulationError
from simulators.mishaps import TABLE
from simulators.mishaps.street import park
from simulators.plants.mover import Mover
from simulators.plants.sensors import Contact, Counter, Loop
from simulators.servers.base import Connections, Server
from simulators.trouble import Troubles

T = TypeVar("T")
P = TypeVar("P")
Request = Mapping[str, Any]
LONGEST_LINE = 65536


class Control:
    """What a person at the simulated street can do."""

    def __init__(self, path: Path, built: Built, servers: Mapping[str, Server], troubles: Troubles) -> None:
        self.path = path
        self._built = built
        self._servers = servers
        self._troubles = troubles
        self._connections = Connections()
        self._server: asyncio.Server | None = None
        self._acts: Mapping[str, Callable[[Request], Awaitable[Any]]] = {
            "world": self._world,
            "list": self._list,
            "trouble": self._trouble,
            "clear": self._clear,
            "occupy": self._occupy,
            "vacate": self._vacate,
            "drive": self._drive,
            "move": self._move,
            "local": self._local,
            "contact": self._contact,
            "people": self._people,
            "traffic": self._traffic,
            "restore": self._restore,
        }

    async def open(self) -> None:
        """Listen; only this user may connect."""
        self.path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self.path, limit=LONGEST_LINE)
        self.path.chmod(0o600)

    async def close(self) -> None:
        """Stop listening and remove the socket."""
        if self._server is not None:
            self._server.close()
        await self._connections.end()
        self.path.unlink(missing_ok=True)

    async def do(self, request: Request) -> dict[str, Any]:
        """Carry out one request; never raises for what a person may have got wrong."""
        try:
            act = self._acts.get(_get(request, "do", str))
            if act is None:
                raise SimulationError(f"cannot do {request['do']!r}: expected one of {', '.join(self._acts)}")
            self._built.field.advance()
            answer = await act(request)
            self._built.field.settle()
        except SimulationError as error:
            return {"ok": False, "error": str(error)}
        return {"ok": True, **answer}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.enter()
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._understand(line)).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError, asyncio.CancelledError):
            # A line too long, a peer that went, or the end of the simulation: either way this conversation is over.
            pass
        finally:
            writer.close()

    async def _understand(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
        except ValueError as error:
            return {"ok": False, "error": f"not JSON: {error}"}
        if not isinstance(request, dict):
            return {"ok": False, "error": 'expected a JSON object, e.g. {"do": "world"}'}
        return await self.do(request)

    async def _world(self, request: Request) -> dict[str, Any]:
        plants = self._built.field.wired.items()
        loops = {name: w.plant.occupied for name, w in plants if isinstance(w.plant, Loop)}
        local = {name: w.plant.key.local for name, w in plants if isinstance(w.plant, Mover)}
        return {"world": {**self._built.field.world.seen(), "loops": loops, "local": local}}

    async def _list(self, request: Request) -> dict[str, Any]:
        links = {name: server.url for name, server in self._servers.items()}
        return {
            "kinds": [kind.seen() for kind in TABLE.values()],
            "troubles": self._troubles.seen(),
            "traffic": self._built.field.traffic.on,
            "links": links,
        }

    async def _trouble(self, request: Request) -> dict[str, Any]:
        options = {k: v for k, v in request.items() if k not in ("do", "kind", "target", "for_s")}
        for_s = _get(request, "for_s", float, None)
        if for_s is not None and not 0 < for_s <= 86400:
            raise SimulationError(f"for_s is {for_s}: expected seconds above 0")
        begun = await self._troubles.begin(_get(request, "kind", str), _get(request, "target", str), for_s, options)
        return {"id": begun.id}

    async def _clear(self, request: Request) -> dict[str, Any]:
        which = _get(request, "which", str, "")
        cleared = await self._troubles.clear(which)
        if which and not cleared:
            raise SimulationError(f"no trouble {which!r} lasts: see {{'do': 'list'}}")
        return {"cleared": cleared}

    async def _occupy(self, request: Request) -> dict[str, Any]:
        name, loop = self._plant(request, "loop", Loop)
        parked = park(f"parked-on-{name}", name, loop, self._built)
        return {"vehicle": parked.name}

    async def _vacate(self, request: Request) -> dict[str, Any]:
        vehicles = self._built.field.world.vehicles
        if "loop" in request:
            name, _ = self._plant(request, "loop", Loop)
            gone = [f"parked-on-{name}"]
        else:
            gone = [v.name for v in vehicles.values() if v.parked]
        return {"gone": [name for name in gone if vehicles.pop(name, None) is not None]}

    async def _drive(self, request: Request) -> dict[str, Any]:
        world, lane = self._built.field.world, _get(request, "lane", str)
        if lane not in world.lanes:
            raise SimulationError(f"there is no lane {lane!r}: expected one of {', '.join(world.lanes)}")
        length = _get(request, "length_m", float, 4.5)
        kmh = _get(request, "kmh", float, world.lanes[lane].limit_kmh)
        if not (0 < kmh <= 250 and 0 < length <= 30):
            raise SimulationError("expected kmh above 0 to 250 and length_m above 0 to 30")
        sent = self._built.field.traffic.send(lane, kmh, length, _get(request, "name", str, None))
        return {"vehicle": sent.name}

    async def _move(self, request: Request) -> dict[str, Any]:
        name, mover = self._plant(request, "plant", Mover)
        to = _get(request, "to", float)
        if not 0 <= to <= 1:
            raise SimulationError(f"to is {to}: expected 0 (lowered) to 1 (raised)")
        mover.by_hand = to
        return {"plant": name}

    async def _local(self, request: Request) -> dict[str, Any]:
        name, mover = self._plant(request, "plant", Mover)
        mover.key.local = _get(request, "on", bool)
        return {"plant": name}

    async def _contact(self, request: Request) -> dict[str, Any]:
        name, contact = self._plant(request, "plant", Contact)
        contact.level = contact.normal ^ _get(request, "disturbed", bool)
        return {"plant": name, "level": contact.level}

    async def _people(self, request: Request) -> dict[str, Any]:
        name, counter = self._plant(request, "plant", Counter)
        count = _get(request, "count", int)
        if count < 0:
            raise SimulationError(f"count is {count}: expected 0 or more")
        counter.people = count
        return {"plant": name}

    async def _traffic(self, request: Request) -> dict[str, Any]:
        self._built.field.traffic.on = _get(request, "on", bool)
        return {"traffic": self._built.field.traffic.on}

    async def _restore(self, request: Request) -> dict[str, Any]:
        cleared = await self._troubles.clear()
        gone = list(self._built.field.world.vehicles)
        self._built.field.world.vehicles.clear()
        self._built.field.traffic.on = False
        for wired in self._built.field.wired.values():
            match wired.plant:
                case Mover() as mover:
                    mover.by_hand, mover.key.local = None, False
                case Contact() as contact:
                    contact.level = contact.normal
                case Counter() as counter:
                    counter.people = counter.usual
        return {"cleared": cleared, "gone": gone}

    def _plant(self, request: Request, key: str, kind: type[P]) -> tuple[str, P]:
        name = _get(request, key, str)
        wired = self._built.field.wired
        plant = wired[name].plant if name in wired else None
        if not isinstance(plant, kind):
            known = ", ".join(n for n, w in wired.items() if isinstance(w.plant, kind))
            raise SimulationError(f"there is no {kind.__name__.lower()} {name!r}: expected one of {known or '(none)'}")
        return name, plant


_REQUIRED: Any = object()


def _get(request: Request, key: str, kind: type[T], default: Any = _REQUIRED) -> Any:
    """Return a key of the request in its type. Raises SimulationError that names both."""
    value = request.get(key, default)
    if value is _REQUIRED:
        raise SimulationError(f"{key!r} is missing: expected {kind.__name__}")
    if key not in request:
        return value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise SimulationError(f"{key} is {value!r}: expected {kind.__name__}")
    return value
