"""Proofs that are seen by clients to which values are pushed: of OPC UA and of MQTT."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiomqtt
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.uaerrors import UaError

from simulators.run import Running
from tests.simulators.support import endpoint
from tests.simulators.troubles.proof import Do, Proof

PLC, BROKER, UNIT, TOPIC = "ruhl-plc", "promenade-broker", "massena-counter", "nice/massena/counter"
PATIENCE_S = 2.0


@asynccontextmanager
async def client_of(running: Running):
    client = Client(running.links[PLC], timeout=PATIENCE_S)
    await client.connect()
    try:
        yield client
    finally:
        with suppress(ConnectionError, asyncio.TimeoutError, UaError):
            await client.disconnect()


async def node_of(running: Running) -> str:
    """See what a read of a limit switch gives."""
    async with client_of(running) as client:
        value = await client.get_node("ns=2;s=Ruhl.Wedge.Lowered").read_data_value(raise_on_bad_status=False)
        return f"{value.StatusCode.name if value.StatusCode else None} {value.Value.Value if value.Value else None}"


async def follows(running: Running) -> bool:
    """See whether a node takes on what the PLC knows."""
    image = running.built.images["ruhl-wedge-plc"]
    async with client_of(running) as client:
        node = client.get_node("ns=2;s=Ruhl.Wedge.PresenceFault")
        wanted = not await node.read_value()
        image.put({"presence_fault": wanted})
        # No time-out: asyncua's waits may end a cancellation in a way that none takes for its own.
        now = asyncio.get_running_loop().time
        until = now() + 0.3
        while now() < until:
            if await node.read_value() == wanted:
                return True
    return False


async def publishing_ms(running: Running) -> float:
    """See which publishing interval the server grants."""
    async with client_of(running) as client:
        asked = ua.CreateSubscriptionParameters(RequestedPublishingInterval=100)
        granted = await client.uaclient.create_subscription(asked, lambda _: None)
        await client.uaclient.delete_subscriptions([granted.SubscriptionId])
        return float(granted.RevisedPublishingInterval)


async def message(running: Running) -> aiomqtt.Message | None:
    """Return the next message of the counter; None where there is no broker."""
    host, port = endpoint(running, BROKER)
    with suppress(aiomqtt.MqttError):
        async with aiomqtt.Client(host, port, timeout=PATIENCE_S) as client, asyncio.timeout(PATIENCE_S):
            await client.subscribe(TOPIC, qos=1)
            return await anext(aiter(client.messages))
    return None


def report(look: Any) -> Do:
    async def see(running: Running) -> Any:
        came = await message(running)
        return "no broker" if came is None else look(came)

    return see


def is_json(came: aiomqtt.Message) -> bool:
    try:
        json.loads(bytes(came.payload))
    except ValueError:
        return False
    return True


def counted(came: aiomqtt.Message) -> int:
    return int(json.loads(bytes(came.payload))["current_total"])


def ahead(came: aiomqtt.Message) -> bool:
    """Tell whether a report is of more than an hour from now."""
    ended = json.loads(bytes(came.payload))["time_info"]["end_time"]
    now = datetime.now(ZoneInfo("Europe/Paris")).replace(tzinfo=None)
    return datetime.strptime(ended, "%Y/%m/%d %H:%M:%S") > now + timedelta(hours=1)  # noqa: DTZ007 - local, as it comes


def usual(look: Any) -> Do:
    """See whether some hundred people are counted, as on any day, or how many."""

    def looked(came: aiomqtt.Message) -> Any:
        count = look(came)
        return "usual" if 0 < count < 1000 else count

    return report(looked)


PLC_PROOFS = {
    "bad-quality": Proof(
        "ruhl-wedge-plc.lowered", node_of, "Good True", "BadOutOfService None", {"status": "BadOutOfService"}
    ),
    "plc-stop": Proof("ruhl-wedge-plc", follows, True, False),
    "slow-publishing": Proof(PLC, publishing_ms, 100.0, 3000.0, {"seconds": 3}),
    "moved-nodes": Proof(PLC, node_of, "Good True", "BadNodeIdUnknown None"),
}
COUNTER_PROOFS = {
    "broker-gone": Proof(BROKER, report(is_json), True, "no broker"),
    "retained": Proof(UNIT, report(lambda came: came.retain), False, True),
    "not-json": Proof(UNIT, report(is_json), True, False),
    "key-case": Proof(UNIT, report(lambda came: b'"Current_total"' in bytes(came.payload)), False, True),
    "wrong-clock": Proof(UNIT, report(ahead), False, True, {"seconds": 7200}),
    "count-wild": Proof(UNIT, usual(counted), "usual", 180_000),
    "counter-covered": Proof(UNIT, usual(counted), "usual", 0),
    "crowd": Proof(UNIT, usual(counted), "usual", 5000),
}
