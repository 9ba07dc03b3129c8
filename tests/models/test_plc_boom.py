"""A boom barrier behind a PLC with the states of OPC UA for Machinery, and with a PLC's limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from controller.core.readings import Quality
from drivers.opcua import OpcUaLink
from simulators.run import Running
from tests.links.peers.subscription import Subscription
from tests.links.suite.base import soon
from tests.models.support import LINK, comes, field, look, mover, order, unit_of
from tests.simulators.support import control

PREFIX = "Gate.Boom"
UNIT = unit_of("plc-boom-barrier", PREFIX, {"model": "B-6"})
ENTRY = {"profile": "plc-boom-barrier", "address": PREFIX, "holds": {"model": "B-6"}}
POINTS = {name: name for name in ("raise", "lower", "stop", "raised", "lowered", "local")}
LIMITS = {"min_publish_s": 0.2, "min_sampling_s": 0.25, "max_items": 3}


def gate(folder: Path, **limits: float) -> Any:
    bar = {**mover("boom", **POINTS), "travel_s": 60}  # three seconds of the wall's: long enough to be seen on its way
    return field(folder, {"protocol": "opcua", **limits}, ENTRY, {"bar": bar})


async def opened(running: Running) -> OpcUaLink:
    link = OpcUaLink(LINK, running.links[LINK])
    await link.open(UNIT, soon())
    return link


async def test_its_machinery_states_follow_the_boom_and_its_key(tmp_path: Path):
    async with gate(tmp_path) as running:
        link = await opened(running)
        await comes(link, UNIT, item_state="NotExecuting", operation_mode="Processing", out_of_service=False)
        await order(link, UNIT, **{"raise": True})
        await comes(link, UNIT, item_state="Executing", raised=False, lowered=False)
        await order(link, UNIT, **{"raise": False})
        await comes(link, UNIT, item_state="NotExecuting", raised=True)
        await control(running, do="local", plant="bar", on=True)
        await comes(link, UNIT, item_state="OutOfService", operation_mode="Maintenance")
        wanted = {"out_of_service": True, "maintenance": True, "not_available": False}
        assert await look(link, UNIT, *wanted) == wanted
        await link.close()


async def test_r33_a_plc_brakes_its_client_and_watches_so_many_nodes_only(tmp_path: Path):
    async with gate(tmp_path, **LIMITS) as running:
        link = await opened(running)
        subscription = Subscription(link, UNIT, "raised", "lowered", "local", "item_state", "heartbeat")
        first = await subscription.next()
        terms = link.terms[UNIT.name]
        assert (terms.publish_s, terms.sampling_s[:3]) == (0.2, (0.25, 0.25, 0.25))
        watched = {name: reading.quality for name, reading in first.items()}
        assert watched == {
            **dict.fromkeys(("raised", "lowered", "local"), Quality.GOOD),
            **dict.fromkeys(("item_state", "heartbeat"), Quality.BAD),
        }
        await order(link, UNIT, **{"raise": True})
        while (await subscription.next())["raised"].value is not True:
            pass
        await subscription.stop()
        await link.close()
