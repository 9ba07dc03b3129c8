"""Peers that speak, and who hears them: a few items and changes, and that none of them is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.campaign import Campaign, Failure
from benchmarks.contenders import ASYNCUA, CONTENDERS, PAHO
from benchmarks.pushed.changes import BORDER, TURN, Change, Changes, play
from benchmarks.pushed.names import UNIT_ITEMS, Protocol
from benchmarks.pushed.site import POLL_S, generate
from benchmarks.pushed.source import Turn
from benchmarks.trouble import NotDone
from benchmarks.works.catalogue import WORKS
from benchmarks.works.pushed import matched_ms, mqtt, opcua
from benchmarks.works.scene import Apart, Figures, Size, Work
from controller.config.load import load_site
from controller.core.radar import SLOWEST_KMH

SMALL = Size(devices=20, items=20, updates=50, per_s=200)
SERVICE = "rempart/asyncio"


def heard_all(figures: Figures) -> None:
    assert figures["lost"] == 0
    assert figures["turns"] == -(-SMALL.updates // TURN)
    assert figures["p50_ms"] is not None
    assert figures["p50_ms"] > 0


@pytest.mark.parametrize("name", [ASYNCUA, SERVICE])
def test_every_update_of_an_opc_ua_server_is_taken_in(name: str, tmp_path: Path, require: Callable[[str], Path]):
    require("taskset")
    heard_all(opcua(CONTENDERS[name], SMALL, tmp_path))


@pytest.mark.needs("mosquitto", "taskset")
@pytest.mark.parametrize("name", [PAHO, SERVICE])
def test_every_report_through_a_broker_is_taken_in(name: str, tmp_path: Path):
    heard_all(mqtt(CONTENDERS[name], SMALL, tmp_path))


@pytest.mark.parametrize(("protocol", "units"), [(Protocol.OPCUA, 2), (Protocol.MQTT, UNIT_ITEMS + 1)])
def test_the_site_passes_its_check_and_has_a_radar_for_each_item(tmp_path: Path, protocol: Protocol, units: int):
    url = "opc.tcp://127.0.0.1:4840" if protocol is Protocol.OPCUA else "mqtt://127.0.0.1:1883"
    site = load_site(generate(tmp_path / "site", protocol, url, UNIT_ITEMS + 1) / "site.yaml")
    assert (len(site.devices), len(site.units)) == (UNIT_ITEMS + 1, units)
    if protocol is Protocol.OPCUA:
        assert site.links["wire"].poll_s == POLL_S


def test_the_border_is_the_services_own():
    assert BORDER == SLOWEST_KMH


def test_every_change_is_one_and_only_a_turn_crosses_the_border():
    changes, before = Changes(7), [10.0] * 7
    for n in range(70):
        change = changes.next(turned=n % 3 == 0)
        last, before[change.item] = before[change.item], change.speed
        assert change.speed != last
        assert ((last >= BORDER) is not (change.speed >= BORDER)) is change.turned
    assert before == changes.speeds


def test_every_item_changes_before_one_changes_again():
    changes = Changes(6)
    assert sorted(changes.next(turned=False).item for _ in range(6)) == list(range(6))


async def test_what_is_played_tells_its_turns():
    pushed: list[Change] = []

    async def push(change: Change) -> None:
        pushed.append(change)

    played = await play(Changes(5), TURN + 1, 1e6, push, turning=True)
    assert [item for item, _ in played["turns"]] == [pushed[0].item, pushed[TURN].item]
    assert [it.turned for it in pushed] == [True, *[False] * (TURN - 1), True]
    quiet = await asyncio.wait_for(play(Changes(5), TURN, 1e6, push, turning=False), 10)
    assert quiet["turns"] == []


def test_a_turn_is_matched_with_that_of_its_item_in_order():
    turns = [Turn(1, 1_000_000), Turn(2, 1_000_000), Turn(1, 5_000_000), Turn(2, 9_000_000)]
    heard = [Turn(2, 1_500_000), Turn(1, 3_000_000), Turn(1, 5_250_000)]
    assert matched_ms(turns, heard) == [2.0, 0.5, 0.25, None]


def test_a_round_does_works_without_a_farm_for_who_can_do_them_and_goes_on_after_a_failure():
    def folder(contender: object, size: Size, path: Path) -> Figures:
        return {"folder": float(path.is_dir())}

    def broken(contender: object, size: Size, path: Path) -> Figures:
        raise NotDone("no broker")

    works: list[Work | Apart] = [Apart("broken", "broken", broken, (PAHO,)), Apart("folder", "folder", folder, (PAHO,))]
    failures: list[Failure] = []
    contenders = [CONTENDERS[ASYNCUA], CONTENDERS[PAHO]]
    found = Campaign(contenders, works, SMALL, lambda _: None).round(failures)
    assert found == {ASYNCUA: {}, PAHO: {"folder": {"folder": 1.0}}}
    assert failures == [Failure(PAHO, "broken", "no broker")]


def test_works_without_a_farm_are_for_contenders_that_there_are():
    assert {name for work in WORKS.values() if isinstance(work, Apart) for name in work.who} <= set(CONTENDERS)
