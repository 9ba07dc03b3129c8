"""What is published at a broker: mosquitto, and what is none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.publish as publish
import pytest

from controller.probing import Fit, Unanswered, verdicts
from controller.probing import known_profiles as known
from tests.links.peers.mqtt_broker import Broker, free_port
from tests.probing.support import best, probed

pytestmark = pytest.mark.needs("mosquitto")
REPORT = {"current_total": 12, "Max_counted": 20, "device_info": {"device_sn": "6600D1234567"}}


@pytest.fixture(scope="module")
def broker(require: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    broker = Broker(require("mosquitto"), tmp_path_factory.mktemp("mosquitto"))
    broker.start()
    yield broker
    broker.kill()


def say(broker: Broker, topic: str, payload: bytes | str, *, retain: bool = True) -> None:
    publish.single(topic, payload, qos=1, retain=retain, hostname="127.0.0.1", port=broker.port)


@pytest.fixture
def told(broker: Broker) -> Iterator[Broker]:
    """A broker on which a counter and something else have reported."""
    said: dict[str, bytes | str] = {"site/counter": json.dumps(REPORT), "site/lamp": b"\x1b[31mon\xff", "z": "1"}
    for topic, payload in said.items():
        say(broker, topic, payload)
    yield broker
    for topic in said:
        say(broker, topic, b"")


async def test_topics_are_shown_with_what_was_said_last(told: Broker):
    found = await probed(f"mqtt://127.0.0.1:{told.port}", patience_s=3.0)
    assert [thing.data["topic"] for thing in found.things] == ["site/counter", "site/lamp", "z"]
    assert found.facts["broker"].startswith("mosquitto version")
    lamp = dict(found.things[1].rows)
    assert lamp["messages"] == "1, the first of them retained"
    assert lamp["last (8 bytes)"] == r"\x1b[31mon\xff"


async def test_a_counter_is_possible_and_its_serial_number_is_offered_as_identity(told: Broker):
    found = await probed(f"mqtt://127.0.0.1:{told.port}", patience_s=3.0)
    verdict = best(found, 0)
    assert (verdict.profile, verdict.fit, verdict.address) == ("milesight-vs121", Fit.POSSIBLE, "site/counter")
    assert verdict.values == {"count": 12, "max_counted": 20, "serial": "6600D1234567"}
    assert verdict.expect == {"serial": "6600D1234567"}
    assert {one.fit for one in verdicts(found.things[1], known())} == {Fit.NOT}
    assert "only 0 of" in best(found, 1).why


async def test_what_is_published_meanwhile_is_heard_and_is_not_retained(broker: Broker):
    probing = asyncio.ensure_future(probed(f"mqtt://127.0.0.1:{broker.port}", patience_s=3.0, listen_s=1.5))
    while not probing.done():
        await asyncio.to_thread(say, broker, "live", "42", retain=False)
        await asyncio.wait([probing], timeout=0.1)
    (thing,) = (await probing).things
    assert thing.data["topic"] == "live"
    assert thing.data["messages"] > 1
    assert thing.data["retained"] is False


async def test_no_more_topics_are_kept_than_are_allowed(told: Broker):
    found = await probed(f"mqtt://127.0.0.1:{told.port}", patience_s=3.0, most=2)
    assert len(found.things) == 2
    assert found.notes == ["1 or more further topics are not shown; --most N shows more"]


async def test_a_broker_that_is_quiet_is_there_all_the_same(broker: Broker):
    found = await probed(f"mqtt://127.0.0.1:{broker.port}", patience_s=3.0, listen_s=0.1)
    assert found.heard
    assert found.facts["heard"] == "0 topics"


async def test_a_broker_that_is_killed_ends_it_with_what_was_heard(require: Callable[[str], Path], tmp_path: Path):
    mortal = Broker(require("mosquitto"), tmp_path)
    mortal.start()
    say(mortal, "last/words", "x")

    def tell(text: str) -> None:
        if text.startswith("listening"):
            asyncio.get_running_loop().call_later(0.3, mortal.kill)

    from controller.probing import Findings
    from tests.probing.support import probe_into

    found = Findings("")
    await probe_into(found, f"mqtt://127.0.0.1:{mortal.port}", tell, patience_s=3.0, listen_s=20.0)
    assert found.notes == ["ended early: the connection to the broker was lost"]
    assert [thing.data["topic"] for thing in found.things] == ["last/words"]


async def test_a_broker_that_wants_a_password_says_so(require: Callable[[str], Path], tmp_path: Path):
    strict = Broker(require("mosquitto"), tmp_path, hospitable=False)
    strict.start()
    try:
        with pytest.raises(Unanswered, match="the broker refuses the connection: Not authorized"):
            await probed(f"mqtt://127.0.0.1:{strict.port}", patience_s=3.0)
    finally:
        strict.kill()


async def test_what_is_no_broker_is_nobody():
    with pytest.raises(Unanswered, match="connection refused"):
        await probed(f"mqtt://127.0.0.1:{free_port()}")
