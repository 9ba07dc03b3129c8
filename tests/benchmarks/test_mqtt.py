"""The stand-in for a platform, on a real broker, against a client that asks as the gateway does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from benchmarks import mqtt
from benchmarks.mqtt import Platform, broker
from benchmarks.trouble import NotPossible
from tests.benchmarks.hearing import WITHIN_S, Hearing


@pytest.fixture
def port(tmp_path: Path, require: Callable[[str], Path]) -> Iterator[int]:
    require("mosquitto")
    require("taskset")
    with broker(tmp_path) as port:
        yield port


@pytest.fixture
def platform(port: int) -> Iterator[Platform]:
    platform = Platform(port)
    yield platform
    platform.close()


def _asked(port: int, topic: str, what: dict[str, Any], answers: str) -> tuple[str, Any]:
    heard: Queue[tuple[str, Any]] = Queue()
    with Hearing(port, answers, lambda *it: heard.put(it)) as client:
        client.say(topic, what)
        return heard.get(timeout=WITHIN_S)


@pytest.mark.usefixtures("platform")
def test_the_platform_tells_that_it_limits_nothing(port: int):
    asked = {"method": "getSessionLimits", "params": {}}
    topic, limits = _asked(port, "v1/devices/me/rpc/request/7", asked, "v1/devices/me/rpc/response/+")
    assert topic == "v1/devices/me/rpc/response/7"
    assert set(limits["rateLimits"].values()) == {""}


@pytest.mark.usefixtures("platform")
def test_the_platform_has_no_attributes_of_the_gateway(port: int):
    asked = {"sharedKeys": "configuration"}
    answer = _asked(port, "v1/devices/me/attributes/request/3", asked, "v1/devices/me/attributes/response/+")
    assert answer == ("v1/devices/me/attributes/response/3", {})


@pytest.mark.usefixtures("platform")
def test_the_platform_has_no_attributes_of_a_device(port: int):
    asked = {"id": 5, "device": "d0001"}
    _, answer = _asked(port, "v1/gateway/attributes/request", asked, "v1/gateway/attributes/response")
    assert answer == {"id": 5, "values": {}}


def test_an_order_has_a_number_of_its_own_and_reaches_the_gateway(port: int, platform: Platform):
    heard: Queue[dict[str, Any]] = Queue()
    with Hearing(port, "v1/gateway/rpc", lambda _, order: heard.put(order)):
        platform.order("d0003", "raise")
        platform.order("d0003", "lower")
        first, second = heard.get(timeout=WITHIN_S), heard.get(timeout=WITHIN_S)
    assert first == {"device": "d0003", "data": {"id": 1, "method": "raise", "params": True}}
    assert (second["data"]["id"], second["data"]["method"]) == (2, "lower")


def test_without_a_broker_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mqtt, "system_program", lambda _: None)
    with pytest.raises(NotPossible, match="apt-get install mosquitto"), broker(tmp_path):
        pass
