"""What the routes stand on: the supervisor, the clocks, and how devices and the site are shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from controller import views
from controller.api.gate import credential
from controller.api.permits import NEEDS, check
from controller.core.device import Device
from controller.core.mover import Mover
from controller.people.reception import Reception
from controller.people.roles import Permission
from controller.supervisor import Supervisor

DRIFT = timedelta(milliseconds=200)
"""How far the wall clock may drift before labels of past instants follow it; less would let them flicker."""


def wall_clock() -> datetime:
    """Return the wall clock, for labels only."""
    return datetime.now(UTC)


def label(at: datetime) -> str:
    """Write an instant as RFC 3339 UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Stamper:
    """Turns monotonic seconds of this run into RFC 3339 UTC, the same seconds always into the same label."""

    def __init__(self, now: Callable[[], float], utc: Callable[[], datetime]) -> None:
        self._now, self._utc = now, utc
        self._zero = datetime.min.replace(tzinfo=UTC)

    def __call__(self, at: float) -> str:
        """Return the label of the instant `at`."""
        zero = self._utc() - timedelta(seconds=self._now())
        if abs(zero - self._zero) > DRIFT:
            self._zero = zero
        return label(self._zero + timedelta(seconds=at))


@dataclass(frozen=True, kw_only=True)
class Service:
    """One site as its API sees it."""

    supervisor: Supervisor
    reception: Reception
    now: Callable[[], float]
    utc: Callable[[], datetime]
    stamp: Stamper
    version: str

    def device(self, shown: Device) -> dict[str, Any]:
        """Show a device as it is now."""
        told = views.device(shown, self.supervisor.board, self.now(), self.stamp)
        told["simulated"] = shown.spec.id in self.simulated
        return told

    @cached_property
    def simulated(self) -> frozenset[str]:
        """Return the devices that hang on a simulated link, wholly or in part."""
        plant = self.supervisor.plant
        units = {plan.unit.name for wire in plant.wires if wire.simulated for plan in wire.plans}
        return frozenset(fitting.spec.id for fitting in plant.fittings if fitting.units & units)

    def site(self) -> dict[str, Any]:
        """Show the site: its zones, and whether each is secured."""
        plant = self.supervisor.plant
        devices = list(self.supervisor.board.values())
        members: dict[str, list[Device]] = {zone: [] for zone in plant.zones}
        for device in devices:
            members[device.spec.zone].append(device)
        return {
            "name": plant.name,
            "title": plant.title,
            "timezone": plant.timezone,
            "simulated": plant.simulated,
            "links": [{"id": wire.name, "simulated": wire.simulated} for wire in plant.wires],
            "revision": plant.revision,
            "version": self.version,
            "boot": self.supervisor.stream.boot,
            "secured": secured(devices),
            "open": opened(devices),
            "zones": [
                {
                    "id": zone,
                    "title": title,
                    "devices": [device.spec.id for device in members[zone]],
                    "secured": secured(members[zone]),
                    "open": opened(members[zone]),
                }
                for zone, title in plant.zones.items()
            ],
            "routes": [
                {"id": name, "title": route.title, "points": list(route.points), "hold_s": route.hold_s}
                for name, route in plant.routes.items()
            ],
        }


def secured(devices: list[Device]) -> bool | None:
    """Tell whether every mover among `devices` blocks the way; None where that is not known, or none is there to do it.

    One that is known to let pass outweighs any that is not known.
    """
    movers = {device.spec.id: device for device in devices if isinstance(device, Mover)}
    shown = [_blocked(mover, movers) for mover in movers.values()]
    if not shown or False in shown:
        return False if shown else None
    return None if None in shown else True


def opened(devices: list[Device]) -> bool:
    """Tell whether there are movers among `devices`, and every one is confirmed to let vehicles pass."""
    movers = [device for device in devices if isinstance(device, Mover)]
    return bool(movers) and all(views.opened(mover) for mover in movers)


def _blocked(mover: Mover, movers: Mapping[str, Mover]) -> bool | None:
    """Tell whether the way past `mover` is blocked: either row of an airlock does that for both."""
    other = movers.get(mover.spec.airlock_with)
    rows = [views.secured(row) for row in (mover, other) if row is not None]
    return True if True in rows else None if None in rows else False


Handler = Callable[[Service, Request], Awaitable[Response]]


def route(service: Service, method: str, path: str, handler: Handler) -> Route:
    """Make the route of one method; its handler gets the service, and only whoever has the permission gets to it.

    Raises KeyError where no table says what it needs: nothing is served by default.
    """
    name = f"{method} {path}"
    needed = NEEDS[name]

    async def permitted(request: Request) -> Response:
        if isinstance(needed, Permission):
            check(credential(request.scope), needed)
        return await handler(service, request)

    return Route(path, permitted, methods=[method], name=name)
