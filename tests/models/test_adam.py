"""Advantech ADAM modules with a boom wired to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from controller.ports import Stranger
from tests.models.support import LINK, comes, field, look, modbus, mover, order, unit_of
from tests.simulators.support import RawTcp, control, endpoint

RTU, TCP = {"protocol": "modbus-rtu", "baudrate": 115200}, {"protocol": "modbus-tcp"}
MODULES = [("adam-4150", RTU, 7, 8), ("adam-6050", TCP, 12, 6), ("adam-6060", TCP, 6, 6)]


@pytest.mark.parametrize(("profile", "wire", "inputs", "outputs"), MODULES)
async def test_a_boom_on_the_last_channels_goes_up_and_down(
    profile: str, wire: dict[str, Any], inputs: int, outputs: int, tmp_path: Path
):
    up, down, rise, fall = f"di{inputs - 2}", f"di{inputs - 1}", f"do{outputs - 2}", f"do{outputs - 1}"
    boom = mover("boom", **{"raise": rise, "lower": fall, "raised": up, "lowered": down})
    unit = unit_of(profile, 1)
    async with (
        field(tmp_path, wire, {"profile": profile, "address": 1}, {"boom": boom}) as running,
        modbus(running, unit) as link,
    ):
        assert await look(link, unit, up, down) == {up: False, down: True}
        await order(link, unit, **{rise: True})
        assert await look(link, unit, rise) == {rise: True}
        await order(link, unit, **{rise: False})
        await comes(link, unit, **{up: True, down: False})
        assert running.built.field.world.steel["boom"] == (1.0,)
        await order(link, unit, **{fall: True})
        await order(link, unit, **{fall: False})
        await comes(link, unit, **{up: False, down: True})


async def test_a_module_of_outputs_tells_of_an_over_current(tmp_path: Path):
    unit = unit_of("adam-4056so", 1)
    entry = {"profile": "adam-4056so", "address": 1, "holds": {"safety_flag": 1}}
    async with field(tmp_path, RTU, entry) as running, modbus(running, unit) as link:
        await order(link, unit, do0=True, do11=True)
        await control(running, do="trouble", kind="freeze", target="unit.over_current2", value=True)
        wanted = {"do0": True, "do1": False, "do11": True, "over_current0": False, "over_current2": True}
        assert await look(link, unit, *wanted, "safety_flag") == {**wanted, "safety_flag": 1}


async def test_another_module_is_a_stranger_by_its_name(tmp_path: Path):
    unit = {"profile": "adam-4150", "address": 1, "holds": {"model": 0x4055}}
    async with field(tmp_path, RTU, unit) as running:
        with pytest.raises(Stranger, match="model is 16469, expected 16720"):
            async with modbus(running, unit_of("adam-4150", 1)):
                pass


async def test_what_hangs_on_inputs_is_not_written(tmp_path: Path):
    async with (
        field(tmp_path, TCP, {"profile": "adam-6060", "address": 1}) as running,
        RawTcp.connected(*endpoint(running, LINK)) as client,
    ):
        assert await client.ask(bytes.fromhex("05 0000 FF00")) == bytes.fromhex("85 02")
