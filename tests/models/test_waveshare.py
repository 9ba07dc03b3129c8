"""What Waveshare boards are known to do in the field, and what is left of it behind the driver."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from controller.ports import Garbled, LinkError
from tests.models.support import comes, field, look, modbus, mover, order, unit_of
from tests.simulators.support import control

RTU = {"protocol": "modbus-rtu", "baudrate": 115200}
TCP = {"protocol": "modbus-tcp"}
ENTRY = {"profile": "waveshare-io-8ch", "address": 1}
BOLLARD = mover("bollard", **{"raise": "do0", "lower": "do1", "raised": "di0", "lowered": "di1"})
UNIT = unit_of("waveshare-io-8ch", 1)


@pytest.mark.parametrize("wire", [RTU, TCP], ids=["rtu", "tcp"])
@pytest.mark.parametrize("kind", ["function-zero", "wrong-unit"])
async def test_an_answer_of_function_0_or_of_another_unit_is_never_believed(
    kind: str, wire: dict[str, object], tmp_path: Path
):
    async with field(tmp_path, wire, ENTRY, {"bollard": BOLLARD}) as running, modbus(running, UNIT) as link:
        await control(running, do="trouble", kind=kind, target="unit")
        with pytest.raises(LinkError) as caught:
            await look(link, UNIT, "di0", "di1")
        # A stranger on the bus may not have meant us: over a serial line its answer is passed over.
        assert isinstance(caught.value, Garbled) or kind == "wrong-unit"
        await control(running, do="clear")
        await link.open(UNIT, asyncio.get_running_loop().time() + 5)
        assert await look(link, UNIT, "di0", "di1") == {"di0": False, "di1": True}


async def test_r25_a_relay_that_only_says_that_it_switched_is_seen_at_the_steel_alone(tmp_path: Path):
    async with field(tmp_path, RTU, ENTRY, {"bollard": BOLLARD}) as running, modbus(running, UNIT) as link:
        answer = await control(running, do="trouble", kind="dead-output", target="unit.do0")
        assert answer["ok"], answer
        await order(link, UNIT, do0=True)
        assert await look(link, UNIT, "do0") == {"do0": True}
        running.built.field.advance()
        assert running.built.field.world.steel["bollard"] == (0.0,)
        assert await look(link, UNIT, "di0", "di1") == {"di0": False, "di1": True}
        await control(running, do="clear")
        await comes(link, UNIT, di0=True, di1=False)


async def test_a_dead_output_must_be_an_output(tmp_path: Path):
    async with field(tmp_path, RTU, ENTRY) as running:
        answer = await control(running, do="trouble", kind="dead-output", target="unit.di0")
        assert answer["error"].startswith("dead-output: unit.di0 is an input: expected an output, one of do0, do1")
