"""A Moxa E1214: its counters' switches, and the safe status that tells that it has lost its host."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.ports import Refusing
from tests.models.support import comes, field, look, modbus, order, unit_of
from tests.simulators.support import until

TCP = {"protocol": "modbus-tcp"}
RELAYS = range(6)


async def test_counters_are_started_and_cleared_and_not_cleared_with_0(tmp_path: Path):
    unit = unit_of("moxa-e1214", 1)
    async with field(tmp_path, TCP, {"profile": "moxa-e1214", "address": 1}) as running, modbus(running, unit) as link:
        await order(link, unit, counting2=True)
        assert await look(link, unit, "counting1", "counting2") == {"counting1": False, "counting2": True}
        await order(link, unit, clear_counter2=True)
        assert await look(link, unit, "clear_counter2") == {"clear_counter2": False}
        with pytest.raises(Refusing, match="exception 3"):
            await order(link, unit, clear_counter2=False)


async def test_r26_a_lost_host_drops_every_relay_and_each_tells_of_it_until_it_is_cleared(tmp_path: Path):
    unit = unit_of("moxa-e1214", 1)
    entry = {"profile": "moxa-e1214", "address": 1, "host_lost_s": 1.5}
    async with field(tmp_path, TCP, entry) as running, modbus(running, unit) as link:
        await order(link, unit, do0=True)
        image = running.built.images["unit"]
        await until(lambda: image.read("do0") is False)
        assert await look(link, unit, *(f"safe{i}" for i in RELAYS)) == {f"safe{i}": True for i in RELAYS}
        with pytest.raises(Refusing):
            await order(link, unit, do0=True)
        await order(link, unit, **{f"clear_safe{i}": True for i in RELAYS})
        await comes(link, unit, safe0=False, safe5=False)
        await order(link, unit, do0=True)
        assert await look(link, unit, "do0") == {"do0": True}
