"""Every kind of trouble reaches the wire or the steel, and is gone when it is cleared."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from simulators.mishaps import TABLE
from simulators.run import Options, Running, running
from simulators.servers import mqtt, serial_radar
from tests.simulators.support import Stage, control
from tests.simulators.test_warning_plants import with_edges
from tests.simulators.troubles.modbus import FIELD_PROOFS, hang_up
from tests.simulators.troubles.proof import Proof, SteelProof
from tests.simulators.troubles.pushing import COUNTER_PROOFS, PLC_PROOFS
from tests.simulators.troubles.steel import STEEL_PROOFS

PROOFS: dict[str, Proof | SteelProof] = {**FIELD_PROOFS, **STEEL_PROOFS, **PLC_PROOFS, **COUNTER_PROOFS}
LINKS = {
    "field": ("albert", "albert-radar-line", "gambetta-bus", "massena-relays"),
    "plc": ("ruhl-plc",),
    "counter": ("promenade-broker",),
}
SPEED = {"field": 3.0, "plc": 1.0, "counter": 1.0}


class Fields:
    """The fields that the proofs look at, each served from the first question on."""

    def __init__(self, site: Path, stack: AsyncExitStack) -> None:
        self._site, self._stack = site, stack
        self._served: dict[str, Running] = {}

    async def get(self, name: str) -> Running:
        if name not in self._served:
            options = Options(SPEED[name], traffic=False, only=LINKS[name])
            self._served[name] = await self._stack.enter_async_context(running(self._site, options))
        return self._served[name]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fields(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fields]:
    site = tmp_path_factory.mktemp("sites") / "site"
    with_edges(site)
    make = mqtt.Sensor
    with pytest.MonkeyPatch.context() as patch:
        # Reports and frames often enough that nobody waits for them.
        patch.setattr("simulators.servers.mqtt.Sensor", lambda image, topic, _, zone: make(image, topic, 0.05, zone))
        patch.setitem(serial_radar.VOICES, "mph", replace(serial_radar.VOICES["mph"], every_s=0.02))
        async with AsyncExitStack() as stack:
            yield Fields(site, stack)


async def as_found(field: Running) -> None:
    hang_up()
    await control(field, do="clear")
    await control(field, do="vacate")
    field.built.images["albert-io"].write({f"do{number}": False for number in range(8)})
    for name in ("albert-bollards", "gambetta-outer"):
        mover: Any = field.built.field.wired[name].plant
        mover.by_hand, mover.positions = None, [mover._steel.start] * mover.members
    field.built.field.settle()


def _kinds() -> list[Any]:
    mqtt_needed = pytest.mark.needs("mosquitto")
    return [pytest.param(kind, marks=mqtt_needed if kind in COUNTER_PROOFS else ()) for kind in TABLE]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("kind", _kinds())
async def test_it_is_seen_and_it_is_gone_when_cleared(kind: str, fields: Fields, lost_exceptions: list[Any]) -> None:
    proof = PROOFS[kind]
    if isinstance(proof, SteelProof):
        proof.show(kind, Stage())
        return
    field = await fields.get("plc" if kind in PLC_PROOFS else "counter" if kind in COUNTER_PROOFS else "field")
    try:
        await proof.show(kind, field)
    finally:
        await as_found(field)
    if kind in COUNTER_PROOFS or kind in PLC_PROOFS:
        gc.collect()
        lost_exceptions.clear()  # a client that was cut off tells of it twice


def test_every_proof_is_of_a_kind_that_there_is() -> None:
    assert set(PROOFS) == set(TABLE)
    assert len(TABLE) >= 40
