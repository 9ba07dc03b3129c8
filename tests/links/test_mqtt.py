"""The conformance suite over MQTT, with mosquitto in a process of its own as the peer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.links.conformance import Conformance
from tests.links.peers.mqtt import MqttPeer
from tests.links.peers.mqtt_broker import Broker

pytestmark = pytest.mark.needs("mosquitto")


@pytest.fixture(scope="module", autouse=True)
def broker(require: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    MqttPeer.broker = broker = Broker(require("mosquitto"), tmp_path_factory.mktemp("mosquitto"))
    broker.start()
    yield broker
    broker.kill()


class TestMqtt(Conformance):
    adapter = MqttPeer
