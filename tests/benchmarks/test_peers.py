"""What people use otherwise: how it is set up, how it is ordered, and what is told where it cannot be run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymodbus.client import ModbusTcpClient

from benchmarks import __main__ as command
from benchmarks.campaign import can
from benchmarks.contenders import CONTENDERS, PEERS, nodered, thingsboard
from benchmarks.contenders.base import LOWER, RAISE, Stage
from benchmarks.contenders.thingsboard import RunningThingsBoard, named
from benchmarks.farm import Farm
from benchmarks.mqtt import Platform, broker
from benchmarks.trouble import NotPossible
from benchmarks.works.catalogue import WORKS
from benchmarks.works.lockdown import lockdown
from benchmarks.works.orders import press
from benchmarks.works.scene import Scene, Size
from tests.benchmarks.hearing import Hearing

BASE, COUNT, HZ = 12_000, 3, 5.0


def test_every_device_has_a_client_two_polls_and_a_writer_in_the_flow():
    nodes = nodered.flows(BASE, COUNT, HZ)
    kinds = [it["type"] for it in nodes]
    assert [kinds.count(it) for it in ("modbus-client", "modbus-read", "modbus-flex-write")] == [3, 6, 3]
    clients = {it["id"]: it["tcpPort"] for it in nodes if it["type"] == "modbus-client"}
    assert sorted(clients.values()) == ["12000", "12001", "12002"]
    reads = [it for it in nodes if it["type"] == "modbus-read"]
    assert {(it["dataType"], it["adr"], it["quantity"], it["rate"], it["rateUnit"]) for it in reads} == {
        ("Input", "0", "16", "200", "ms"),
        ("HoldingRegister", "0", "8", "200", "ms"),
    }
    assert {it["server"] for it in reads} == set(clients)
    # Node-RED starts no flow with a configuration in which its own id is found.
    assert [it["id"] for it in nodes if it["type"] == "modbus-client" and it["id"] in [*it.values()][1:]] == []


def test_every_wire_of_the_flow_leads_to_a_node_and_orders_have_one_to_each_device():
    nodes = {it["id"]: it for it in nodered.flows(BASE, COUNT, HZ)}
    wired = [target for it in nodes.values() for port in it.get("wires", []) for target in port]
    assert set(wired) <= set(nodes)
    for name in ("one", "all"):
        answer, *writers = nodes[name]["wires"]
        assert answer == ["answer"]
        assert [nodes[it]["server"] for (it,) in writers] == ["client0", "client1", "client2"]
        assert nodes[name]["outputs"] == 1 + COUNT


def test_the_gateway_keeps_what_it_comes_with_and_limits_nothing():
    shipped = {
        "thingsboard": {"host": "elsewhere", "qos": 1, "rateLimits": "D", "minPackSendDelayMS": 50},
        "storage": {},
    }
    settings = thingsboard.general(shipped, 1884)
    platform = settings["thingsboard"]
    assert (platform["host"], platform["port"], platform["minPackSendDelayMS"]) == ("127.0.0.1", 1884, 50)
    assert {platform[it] for it in thingsboard.RATE_LIMITS} == {"0:0,"}
    assert settings["storage"] == {}
    assert [it["configuration"] for it in settings["connectors"]] == ["modbus.json"]


def test_the_gateway_reads_each_device_twice_a_scan_and_knows_an_order_for_each_coil():
    slaves = thingsboard.connector(BASE, COUNT, HZ)["master"]["slaves"]
    assert [(it["port"], it["deviceName"], it["pollPeriod"]) for it in slaves] == [
        (BASE + n, named(n), 200) for n in range(COUNT)
    ]
    read = [(it["functionCode"], it["address"], it["objectsCount"]) for it in slaves[0]["timeseries"]]
    assert read == [(2, 0, 16), (3, 0, 8)]
    orders = {it["tag"]: (it["functionCode"], it["address"]) for it in slaves[0]["rpc"]}
    assert orders == {"raise": (5, RAISE), "lower": (5, LOWER)}


def test_orders_reach_the_farm_by_way_of_the_broker_and_what_is_dropped_is_lost(
    farm: Farm, tmp_path: Path, require: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
):
    require("mosquitto")
    dropped: set[str] = set()

    def obey(_: str, order: dict[str, Any]) -> None:
        if order["device"] in dropped:
            return
        coil = {"raise": RAISE, "lower": LOWER}[order["data"]["method"]]
        with ModbusTcpClient("127.0.0.1", port=farm.base + int(order["device"][1:])) as client:
            client.write_coil(coil, value=True)

    with broker(tmp_path) as port, Hearing(port, "v1/gateway/rpc", obey):
        platform = Platform(port)
        try:
            running = RunningThingsBoard(farm.process, farm, platform)
            running.patience_s = 0.0
            scene = Scene(Stage(farm, HZ, tmp_path), running, Size(devices=farm.count, lockdowns=1), 0.0)
            assert lockdown(scene)["missed"] == 0
            assert farm.positions() == ["lowered"] * farm.count
            dropped.add(named(1))
            figures = press(scene, range(farm.count), farm.count)
            assert (figures["orders"], figures["lost"], figures["refused"]) == (4, 1, 0)
            monkeypatch.setattr("benchmarks.works.lockdown.WITHIN_S", 0.5)
            assert lockdown(scene)["missed"]
        finally:
            platform.close()


@pytest.mark.parametrize(
    ("name", "absent", "told"),
    [
        ("thingsboard", {"mosquitto"}, "no mosquitto here: install it (Debian: apt-get install mosquitto)"),
        ("nodered", {"npm"}, "no npm here: install it (Debian: apt-get install nodejs npm)"),
        ("nodered", {"node", "npm"}, "no node and no npm here: install it (Debian: apt-get install nodejs npm)"),
        ("thingsboard", {"node"}, ""),
        ("nodered", {"mosquitto"}, ""),
    ],
)
def test_what_is_missing_is_told_with_what_to_install(
    name: str, absent: set[str], told: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shutil, "which", lambda program, **_: None if program in absent else f"/usr/bin/{program}")
    assert CONTENDERS[name].missing() == told


def test_what_cannot_be_installed_is_left_out_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def prepare(*_: object) -> None:
        raise NotPossible("its packages cannot be reached")

    monkeypatch.setattr(nodered.NodeRed, "prepare", prepare)
    chosen = command._contenders(["c", "nodered"], print, full=False)
    assert [it.name for it in chosen] == ["c"]
    assert capsys.readouterr().err == "bench: without nodered: its packages cannot be reached\n"


def test_the_short_form_installs_nothing(monkeypatch: pytest.MonkeyPatch):
    for name in PEERS:
        monkeypatch.setattr(type(CONTENDERS[name]), "prepare", lambda *_: pytest.fail("it was to be installed"))
    assert not {it.name for it in command._contenders(None, print, full=False)} & set(PEERS)


def test_who_polls_by_timers_is_left_out_flat_out_and_of_wires_that_are_shared():
    done = {name: {work for work in WORKS if can(CONTENDERS[name], WORKS[work])} for name in (*PEERS, "c")}
    assert done["thingsboard"] == done["nodered"]
    assert done["nodered"] == {
        "poll-10", "poll-5", "poll-2.5", "start", "orders", "orders-dead", "lockdown", "lockdown-dead", "silent", "hung",
    }  # fmt: skip
    assert "poll-flat" in done["c"]
