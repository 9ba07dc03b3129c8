"""An LD120 loop detector on a serial line, with a vehicle over its loop and with its wire cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.models.support import comes, field, look, modbus, order, unit_of
from tests.simulators.support import control

RTU = {"protocol": "modbus-rtu", "baudrate": 115200}
ENTRY = {"profile": "ld120", "address": 11}
CHANNELS = {"detect": "detect", "fault": "fault", "open": "open_circuit", "short": "short_circuit"}
LOOP: dict[str, Any] = {
    "type": "loop",
    "lane": "lane",
    "from_m": 40,
    "to_m": 50,
    "channels": {role: f"unit.{point}" for role, point in CHANNELS.items()},
}
UNIT = unit_of("ld120", 11)


async def test_contacts_status_word_and_counter_tell_of_each_vehicle(tmp_path: Path):
    async with field(tmp_path, RTU, ENTRY, {"loop": LOOP}) as running, modbus(running, UNIT) as link:
        assert await look(link, UNIT, "module_type", "node_id", "counter") == {
            "module_type": 34,
            "node_id": 11,
            "counter": 0,
        }
        for vehicles in (1, 2):
            await control(running, do="occupy", loop="loop")
            await comes(link, UNIT, detect=True, status_detect=True, fault=False, counter=vehicles)
            await control(running, do="vacate", loop="loop")
            await comes(link, UNIT, detect=False, status_detect=False, counter=vehicles)


async def test_r29_a_broken_wire_shows_in_the_contacts_and_in_the_status_word(tmp_path: Path):
    async with field(tmp_path, RTU, ENTRY, {"loop": LOOP}) as running, modbus(running, UNIT) as link:
        await control(running, do="trouble", kind="loop-open", target="loop")
        await comes(link, UNIT, fault=True, open_circuit=True, short_circuit=False, detect=False)
        assert await look(link, UNIT, "status_fault", "status_open", "status_short") == {
            "status_fault": True,
            "status_open": True,
            "status_short": False,
        }


async def test_its_relays_are_switched_and_read_back_both_ways(tmp_path: Path):
    async with field(tmp_path, RTU, ENTRY) as running, modbus(running, UNIT) as link:
        await order(link, UNIT, relay1=True)
        wanted = {"relay0": False, "relay1": True, "status_relay1": False, "status_relay2": True}
        assert await look(link, UNIT, *wanted) == wanted
