"""Hidden replay does not apply where nothing is ordered: what these links refuse never comes to the wire at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from controller.endpoint import Endpoint
from controller.peer import Plan
from controller.ports import Refusing
from drivers.url import SCHEMES
from tests.links.adapter import OVERALL_S
from tests.links.peers.radar import RadarPeer
from tests.replay.misfortune import draw
from tests.replay.run import Ears
from tests.replay.sent import Sent
from tests.replay.settings import MQTT, OPCUA, RTU, TCP, mqtt_peer
from tests.replay.suite import Total, replay, seeds

NOT_APPLICABLE = {
    "mqtt": "devices that publish reports take no orders: each is refused, and no PUBLISH is ever sent",
    "serial": "a radar that talks unasked takes no orders: each is refused, and no byte is ever sent",
}
INSTANTS, FRAME = 60, 20


def test_every_transport_is_replayed_or_says_why_not():
    assert {TCP.name, RTU.name, OPCUA.name, *NOT_APPLICABLE} == set(SCHEMES)


async def test_no_order_comes_to_a_broker_whatever_becomes_of_it(sent: Sent, tell: Callable[[Total], None]):
    fates = [draw(MQTT.name, seed, frame=FRAME, serial=False) for seed in seeds(INSTANTS)]
    total = await replay(MQTT, fates, mqtt_peer, sent)
    tell(total)
    assert not total.wrong, "\n".join(total.wrong)
    assert total.ends["Refusing"] >= total.runs
    assert total.frames == total.ends["done"] == 0


async def test_no_byte_comes_to_a_radar_whatever_becomes_of_it(sent: Sent, tmp_path: Path):
    peer, ears = RadarPeer(tmp_path), Ears()
    await peer.start()
    sent.watch(str(peer._port))
    plan = Plan(unit=peer.unit, points=tuple(peer.unit.points.values()), polls=False, pushes=True)
    endpoint = Endpoint("line", peer.link(), [plan], ears)
    serving = asyncio.create_task(endpoint.run())
    async with asyncio.timeout(OVERALL_S):
        for value in range(5):
            await ears.more(2)
            write = endpoint.write(peer.unit.name, [(peer.unit.points["speed"], value)], OVERALL_S * 1e6)
            await asyncio.wait([write.done])
            assert isinstance(write.done.exception(), Refusing)
            await peer.stop()
            await peer.start()
    serving.cancel()
    await asyncio.wait([serving])
    await peer.stop()
    assert not any(sent.connections(str(peer._port)))
