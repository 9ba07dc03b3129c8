"""A field with one unit of a model, and the unit as the drivers take it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from controller.config.profiles import load, shipped
from controller.core.readings import Value
from controller.ports import Link, Unit
from drivers.modbus import ModbusLink
from drivers.profile import MoverProfile, SensorProfile
from simulators.run import Running
from tests.links.suite.base import asked, soon
from tests.simulators.support import OVERALL_S, served, write_site

LINK = "wire"
LANE = {"lane": {"length_m": 100}}
SPEED = 20.0
"""How much faster than the wall's clock the steel lives."""


def unit_of(profile: str, address: int | str, expect: Mapping[str, Value] | None = None) -> Unit:
    """Return the unit of a shipped profile as a driver takes it."""
    found = load(shipped() / f"{profile}.yaml").profile
    assert found is not None
    assert not isinstance(found, MoverProfile | SensorProfile)
    return found.unit("unit", LINK, address, expect)


@asynccontextmanager
async def field(
    folder: Path,
    link: Mapping[str, Any],
    unit: Mapping[str, Any],
    plants: Mapping[str, Any] | None = None,
    speed: float = SPEED,
) -> AsyncIterator[Running]:
    """Serve one unit, called `unit`, on one wire."""
    place = {
        "site": "bench",
        "links": {LINK: dict(link)},
        "units": {"unit": {"link": LINK, **unit}},
        "lanes": LANE,
        "plants": dict(plants or {}),
    }
    async with served(site=write_site(folder / "site", place), runtime=folder / "run", speed=speed) as running:
        yield running


@asynccontextmanager
async def modbus(running: Running, unit: Unit) -> AsyncIterator[ModbusLink]:
    """Open the unit with the real driver."""
    link = ModbusLink(LINK, running.links[LINK])
    try:
        await link.open(unit, soon())
        yield link
    finally:
        await link.close()


def mover(kind: str, **channels: str) -> dict[str, Any]:
    """Return steel across the lane, wired to the unit."""
    wired = {role: f"unit.{point}" for role, point in channels.items()}
    return {"type": kind, "lane": "lane", "at_m": 50, "travel_s": 4, "channels": wired}


async def look(link: Link, unit: Unit, *names: str) -> dict[str, Value | None]:
    """Read these points once."""
    readings = await link.read(unit, asked(unit, names), soon())
    return {name: readings[name].value for name in names}


async def order(link: Link, unit: Unit, **values: Value) -> None:
    """Write these points."""
    await link.write(unit, [(unit.points[name], value) for name, value in values.items()], soon())


async def comes(link: Link, unit: Unit, **wanted: Value) -> None:
    """Read until the points show this; fail when they never do."""
    async with asyncio.timeout(OVERALL_S):
        while await look(link, unit, *wanted) != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0)
