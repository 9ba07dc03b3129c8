"""Each protocol drives or reads something over its real wire, and finds it again after its peer was gone."""

from __future__ import annotations

import pytest

from tests.system.field import Promenade, wait_for

MOVERS = [
    pytest.param("albert-bollards", "albert", id="modbus-tcp"),
    pytest.param("gambetta-outer", "gambetta-bus", id="modbus-rtu"),
    pytest.param("ruhl-wedge", "ruhl-plc", id="opc-ua"),
    pytest.param("massena-boom", "massena-relays", id="modbus-tcp-pulsed"),
]
SENSORS = [
    pytest.param("massena-counter", "promenade-broker", "counting", id="mqtt"),
    pytest.param("albert-radar", "albert-radar-line", "quiet", id="serial"),
]
REST = {"raised": 1.0, "lowered": 0.0}


def _other_way(state: str) -> tuple[str, str]:
    return ("lower", "lowered") if state == "raised" else ("raise", "raised")


@pytest.mark.parametrize(("device", "link"), MOVERS)
def test_steel_moves_there_and_back_and_the_world_agrees(promenade: Promenade, device: str, link: str) -> None:
    for _ in range(2):
        state = promenade.controller.shows(device, "raised", "lowered")["state"]
        action, goal = _other_way(state)
        promenade.controller.moves(action, device)
        assert promenade.controller.device(device)["state"] == goal
        assert promenade.field.heights(device) == pytest.approx(
            [REST[goal]] * len(promenade.field.heights(device)), abs=0.03
        )


@pytest.mark.parametrize(("device", "link"), MOVERS)
def test_r17_a_peer_that_dies_in_mid_motion_comes_back_and_nothing_moves_by_itself(
    promenade: Promenade, device: str, link: str
) -> None:
    state = promenade.controller.shows(device, "raised", "lowered")["state"]
    action, _ = _other_way(state)
    promenade.controller.free(action, device)
    answer = promenade.controller.order(action, device)
    assert answer.status_code == 202, answer.text
    command = answer.json()["id"]
    wait_for("the motion", lambda: promenade.controller.get(f"/api/v1/commands/{command}")["life"] == "moving")
    promenade.field.trouble("drop", link)
    offline = promenade.controller.shows(device, "offline")
    assert promenade.controller.ended(command)["life"] == "unknown"
    refused = promenade.controller.order(action, device)
    assert refused.status_code == 409
    assert "unreachable" in [r["rule"] for r in refused.json()["refusals"]]
    promenade.field.clear()
    back = promenade.controller.shows(device, "raised", "lowered", "stopped")
    assert back["version"] > offline["version"]
    assert back["order"] is None
    promenade.field.at_rest(device)
    promenade.controller.moves("raise", device)
    promenade.controller.moves("lower", device)


@pytest.mark.parametrize(("device", "link", "state"), SENSORS)
def test_a_sensor_is_heard_lost_and_heard_again(promenade: Promenade, device: str, link: str, state: str) -> None:
    heard = promenade.controller.shows(device, state)
    (point,) = [p for name, p in heard["points"].items() if name in ("count", "speed")]
    assert point["quality"] == "good"
    promenade.field.trouble("drop", link)
    promenade.controller.shows(device, "offline", "unknown")
    promenade.field.clear()
    promenade.controller.shows(device, state)


def test_r14_the_signal_shows_what_the_lamps_show(promenade: Promenade) -> None:
    promenade.controller.moves("raise", "albert-bollards")
    promenade.controller.shows("albert-signal", "halt")
    promenade.controller.moves("lower", "albert-bollards")
    promenade.controller.shows("albert-signal", "go")


def test_r09_an_occupied_loop_refuses_the_raise_and_names_itself(promenade: Promenade) -> None:
    promenade.controller.moves("lower", "albert-bollards")
    promenade.field.ask("occupy", loop="albert-loop-entry")
    promenade.controller.shows("albert-loop-entry", "occupied")
    refused = promenade.controller.order("raise", "albert-bollards")
    assert refused.status_code == 409
    assert ("R09", "albert-loop-entry") in [(r["rule"], r["device"]) for r in refused.json()["refusals"]]
    assert max(promenade.field.heights("albert-bollards")) == 0.0


def test_pas_69_an_airlock_is_never_open_on_both_sides(promenade: Promenade) -> None:
    promenade.controller.moves("raise", "gambetta-inner")
    promenade.controller.moves("raise", "gambetta-outer")
    promenade.controller.moves("lower", "gambetta-outer")
    refused = promenade.controller.order("lower", "gambetta-inner")
    assert [r["rule"] for r in refused.json()["refusals"]] == ["airlock"]
    promenade.controller.moves("raise", "gambetta-outer")


def test_pas_69_an_airlock_is_not_opened_as_a_zone_and_one_raised_row_blocks_the_way(promenade: Promenade) -> None:
    promenade.controller.moves("raise", "gambetta-inner")
    promenade.controller.moves("lower", "gambetta-outer")
    refused = promenade.controller.order("open", "gambetta")
    assert (refused.status_code, refused.json()["members"]) == (409, [])
    assert [r["rule"] for r in refused.json()["refusals"]] == ["airlock"]
    assert promenade.controller.device("gambetta-inner")["state"] == "raised"
    zones = promenade.controller.get("/api/v1/site")["zones"]
    assert [zone["secured"] for zone in zones if zone["id"] == "gambetta"] == [True]
    promenade.controller.moves("raise", "gambetta-outer")


def test_a_zone_is_secured_and_says_so(promenade: Promenade) -> None:
    promenade.controller.moves("secure", "massena")
    promenade.controller.shows("massena-boom", "lowered")
    zones = promenade.controller.get("/api/v1/site")["zones"]
    (massena,) = [zone for zone in zones if zone["id"] == "massena"]
    assert massena["secured"] is True


def test_nothing_that_must_never_happen_has_happened(promenade: Promenade) -> None:
    assert promenade.field.world()["violations"] == []
