"""A barrier on a Roger B70/EDGE1 control unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.config.profiles import load, shipped
from controller.ports import Refusing
from drivers.profile import MoverProfile
from tests.models.support import comes, field, look, modbus, mover, order, unit_of

RTU = {"protocol": "modbus-rtu", "baudrate": 115200}
ENTRY = {"profile": "roger-b70", "address": 10}
BAR = mover("boom", command="command", raised="raised", lowered="lowered")
UNIT = unit_of("roger-b70", 10)


def code(word: str) -> int:
    drive = load(shipped() / "barrier-roger.yaml").profile
    assert isinstance(drive, MoverProfile)
    return {str(name): value for name, value in drive.drive.codes.items()}[word]


async def test_it_opens_and_closes_by_the_codes_of_its_drive(tmp_path: Path):
    async with field(tmp_path, RTU, ENTRY, {"bar": BAR}) as running, modbus(running, UNIT) as link:
        closed = {"raised": False, "lowered": True, "state": 6, "position": 15, "limits": 0x008C, "received": False}
        assert await look(link, UNIT, *closed) == closed
        await order(link, UNIT, command=code("raise"))
        assert await look(link, UNIT, "received") == {"received": True}
        assert await look(link, UNIT, "received") == {"received": False}
        await comes(link, UNIT, raised=True, lowered=False, state=5, position=0, limits=0x004C)
        assert running.built.field.world.steel["bar"] == (1.0,)
        await order(link, UNIT, command=code("lower"))
        await comes(link, UNIT, **closed)


async def test_it_stops_between_its_limits(tmp_path: Path):
    slow = {**BAR, "travel_s": 300}
    async with field(tmp_path, RTU, ENTRY, {"bar": slow}) as running, modbus(running, UNIT) as link:
        await order(link, UNIT, command=code("raise"))
        await comes(link, UNIT, state=1, raised=False, lowered=False)
        await order(link, UNIT, command=code("stop"))
        await comes(link, UNIT, state=2, limits=0x000C)


async def test_an_unknown_command_is_refused(tmp_path: Path):
    async with field(tmp_path, RTU, ENTRY) as running, modbus(running, UNIT) as link:
        with pytest.raises(Refusing, match="exception 3"):
            await order(link, UNIT, command=0x6800)
