"""An independent OPC UA client reads, subscribes and commands the simulated PLC.

One server for all tests, for it takes seconds to start.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from asyncua import ua
from asyncua.client.client import Client

from simulators.run import Running
from simulators.servers import plc
from tests.simulators.support import HEAVY, control, endpoint, served, until

pytestmark = pytest.mark.asyncio(loop_scope="module")
LINK = "ruhl-plc"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def field():
    async with served(LINK, speed=10) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def as_found(field: Running):
    yield
    await control(field, do="clear")
    await control(field, do="vacate")
    image, world = field.built.images["ruhl-wedge-plc"], field.built.field.world
    image.write({"command": 2})
    await until(lambda: world.steel["ruhl-wedge"] == (0.0,))
    image.write({"command": 0})
    world.violations.clear()


@asynccontextmanager
async def connected(field: Running, patience_s: float = 4):
    client = Client(field.links[LINK], timeout=patience_s)
    await client.connect()
    try:
        yield client
    finally:
        await client.disconnect()


def node(client: Client, name: str):
    return client.get_node(f"ns=2;s=Ruhl.Wedge.{name}")


async def command(client: Client, code: int) -> None:
    await node(client, "Command").write_value(ua.Variant(code, ua.VariantType.Int32))


async def test_a_client_commands_the_wedge_and_sees_it_arrive(field: Running):
    async with connected(field) as client:
        subscription = await client.create_subscription(20)
        await subscription.subscribe_data_change(node(client, "Raised"))
        await command(client, 1)
        async with asyncio.timeout(5):
            async for event in subscription:
                if event.value:
                    break
        assert field.built.field.world.steel["ruhl-wedge"] == (1.0,)
        assert await node(client, "Lowered").read_value() is False


async def test_the_heart_beats_once_a_second(field: Running):
    async with connected(field) as client:
        subscription = await client.create_subscription(20)
        await subscription.subscribe_data_change(node(client, "Heartbeat"))
        beats: list[int] = []
        async with asyncio.timeout(6):
            async for event in subscription:
                beats.append(event.value)
                if len(beats) == 3:
                    break
        assert beats == [beats[0], beats[0] + 1, beats[0] + 2]


async def test_an_input_cannot_be_written(field: Running):
    async with connected(field) as client:
        with pytest.raises(ua.uaerrors.BadUserAccessDenied):
            await node(client, "Raised").write_value(ua.Variant(True, ua.VariantType.Boolean))


async def test_a_command_of_the_wrong_type_is_refused(field: Running):
    async with connected(field) as client:
        with pytest.raises(ua.uaerrors.BadTypeMismatch):
            await node(client, "Command").write_value(1)


async def test_the_plc_says_who_it_is(field: Running):
    async with connected(field) as client:
        assert await node(client, "Model").read_value() == "SW-450"


async def test_a_client_is_told_to_come_back_to_the_address_it_came_to(field: Running):
    async with connected(field) as client:
        urls = {found.EndpointUrl for found in await client.get_endpoints()}
        assert urls == {field.links[LINK]}


async def test_r26_orders_are_dropped_when_the_controllers_watchdog_stands_still(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(plc, "WATCHDOG_S", 0.15)
    async with served(LINK, speed=HEAVY) as field, connected(field) as client:
        await command(client, 1)
        await node(client, "ControllerWatchdog").write_value(ua.Variant(1, ua.VariantType.UInt32))
        image = field.built.images["ruhl-wedge-plc"]
        await until(lambda: image.true("command") == 0)
        async with asyncio.timeout(5):
            while await node(client, "Command").read_value() != 0:
                pass
        stopped_at = field.built.field.world.steel["ruhl-wedge"]
        assert 0 < stopped_at[0] < 1


async def test_a_controller_that_never_fed_the_watchdog_is_not_watched(field: Running):
    async with connected(field) as client:
        await command(client, 1)
        await until(lambda: field.built.field.world.steel["ruhl-wedge"] == (1.0,))


async def test_drop_closes_the_session_and_refuses_new_ones_until_cleared(field: Running):
    async with connected(field) as client:
        begun = await control(field, do="trouble", kind="drop", target=LINK)
        with pytest.raises((ConnectionError, asyncio.TimeoutError)):
            await node(client, "Raised").read_value()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*endpoint(field, LINK))
        await control(field, do="clear", which=begun["id"])
    async with connected(field) as client:
        assert await node(client, "Lowered").read_value() is True


async def test_silence_holds_requests_as_a_process_that_hangs_does(field: Running):
    async with connected(field, patience_s=0.3) as client:
        await control(field, do="trouble", kind="silence", target=LINK)
        with pytest.raises(asyncio.TimeoutError):
            await command(client, 1)
        assert field.built.images["ruhl-wedge-plc"].true("command") == 0
        await control(field, do="clear")
        await until(lambda: field.built.images["ruhl-wedge-plc"].true("command") == 1)


async def test_delay_makes_answers_late(field: Running):
    async with connected(field) as client:
        loop = asyncio.get_running_loop()
        await control(field, do="trouble", kind="delay", target=LINK, seconds=0.3)
        began = loop.time()
        await node(client, "Raised").read_value()
        assert loop.time() - began >= 0.3


async def test_cut_ends_the_session_in_the_middle_of_an_answer(field: Running):
    client = Client(field.links[LINK], timeout=4)
    await client.connect()
    await control(field, do="trouble", kind="cut", target=LINK)
    with pytest.raises(ConnectionError):
        await node(client, "Raised").read_value()
    await control(field, do="clear")
    await client.disconnect()


async def test_reboot_in_mid_motion_drops_the_order_and_the_session():
    async with served(LINK, speed=HEAVY) as field:
        async with connected(field) as client:
            await command(client, 1)
            await until(lambda: field.built.field.world.steel["ruhl-wedge"][0] > 0)
            await control(field, do="trouble", kind="reboot", target=LINK, for_s=0.2)
            stopped_at = field.built.field.world.steel["ruhl-wedge"]
            assert stopped_at[0] < 1
        await until(lambda: not field.troubles.seen())
        async with connected(field) as client:
            assert await node(client, "Command").read_value() == 0
            assert field.built.field.world.steel["ruhl-wedge"] == stopped_at


async def test_a_frozen_heartbeat_stands_still_on_the_wire(field: Running):
    await control(field, do="trouble", kind="freeze", target="ruhl-wedge-plc.heartbeat")
    image = field.built.images["ruhl-wedge-plc"]
    async with connected(field) as client:
        before = await node(client, "Heartbeat").read_value()
        beats = int(image.true("heartbeat"))
        await until(lambda: image.true("heartbeat") == beats + 2)
        assert await node(client, "Heartbeat").read_value() == before


async def test_presence_is_published(field: Running):
    async with connected(field) as client:
        assert await node(client, "Presence").read_value() is False
        await control(field, do="occupy", loop="ruhl-presence")
        async with asyncio.timeout(5):
            while not await node(client, "Presence").read_value():
                pass
