"""Troubles and the models of devices: what a model cannot show is refused, whatever its protocol; what it can, it shows."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from simulators.build import build
from simulators.clock import Clock
from simulators.errors import SimulationError
from simulators.mishaps import strike
from simulators.servers.base import Gate
from simulators.servers.mqtt import message, spoiled
from simulators.trouble import Troubles
from tests.models.support import LANE, LINK, mover
from tests.simulators.support import image, write_site

ROGER = mover("boom", command="command", raised="raised", lowered="lowered")
PLC_BOOM = mover("boom", **{name: name for name in ("raise", "lower", "stop", "raised", "lowered", "local")})


def troubles(folder: Path, protocol: str, unit: dict[str, Any], plants: dict[str, Any] | None = None) -> Troubles:
    """Return those of a field with one unit, its server not started."""
    place = {
        "site": "bench",
        "links": {LINK: {"protocol": protocol}},
        "units": {"unit": {"link": LINK, **unit}},
        "lanes": LANE,
        "plants": plants or {},
    }
    built = build(write_site(folder / "site", place), Clock())
    return Troubles(built, {LINK: None})  # type: ignore[dict-item]


def test_a_torn_cable_takes_the_position_with_it(tmp_path: Path):
    bollard = mover("bollard", **{"raise": "raise", "lower": "lower", "raised": "raised", "lowered": "lowered"})
    bollard["channels"]["position"] = "unit.position"
    bollard["start"] = "raised"
    site = troubles(tmp_path, "modbus-tcp", {"profile": "bollard-points-fr", "address": 1}, {"bollard": bollard})
    unit = site._built.images["unit"]
    site._built.field.settle()
    assert (unit.read("raised"), unit.read("position")) == (True, 100)
    mend = strike("cable-torn", "bollard", {}, site._built)
    assert (unit.read("raised"), unit.read("position")) == (False, 0)
    mend()
    assert (unit.read("raised"), unit.read("position")) == (True, 100)


def test_one_code_cannot_say_both_limits(tmp_path: Path):
    site = troubles(tmp_path, "modbus-rtu", {"profile": "roger-b70", "address": 1}, {"boom": ROGER})
    with pytest.raises(SimulationError, match="both-limits: boom says where it stands by one code of unit"):
        site.check("both-limits", "boom", {})
    site.check("cable-torn", "boom", {})


def test_a_contact_that_compares_is_frozen_where_it_looks(tmp_path: Path):
    site = troubles(tmp_path, "opcua", {"profile": "plc-boom-barrier", "address": "Boom"}, {"boom": PLC_BOOM})
    with pytest.raises(SimulationError, match=r"compares item_state: expected unit\.item_state"):
        site.check("freeze", "unit.out_of_service", {})
    site.check("freeze", "unit.item_state", {"value": "NotAvailable"})


def test_inputs_among_coils_lose_their_supply_too(tmp_path: Path):
    site = troubles(tmp_path, "modbus-tcp", {"profile": "adam-6050", "address": 1})
    site.check("input-supply", "unit", {})
    site.check("swap-inputs", "unit.di0", {"with": "di11"})
    with pytest.raises(SimulationError, match="has no input 'do0'"):
        site.check("swap-inputs", "unit.do0", {"with": "di11"})


def test_a_module_without_inputs_has_no_supply_of_them(tmp_path: Path):
    site = troubles(tmp_path, "modbus-rtu", {"profile": "adam-4056so", "address": 1})
    with pytest.raises(SimulationError, match="has no inputs"):
        site.check("input-supply", "unit", {})


def test_reports_without_times_have_no_wrong_clock(tmp_path: Path):
    site = troubles(tmp_path, "mqtt", {"profile": "irisys-vector", "address": "counts"})
    with pytest.raises(SimulationError, match="wrong-clock: the reports of unit have no times"):
        site.check("wrong-clock", "unit", {})
    site.check("not-json", "unit", {})


@pytest.mark.parametrize("profile", ["irisys-vector", "milesight-vs121"])
def test_reports_of_every_counter_are_spoiled(profile: str):
    told = message(image(profile), datetime.now(ZoneInfo("Europe/Paris")), 60.0)
    sound = spoiled(told, Gate())
    assert json.loads(sound) == told
    assert all(key[0].isupper() for key in json.loads(spoiled(told, Gate(capitals=True))))
    assert sound.startswith(half := spoiled(told, Gate(cut=True)))
    assert len(half) == len(sound) // 2
    with pytest.raises(json.JSONDecodeError):
        json.loads(spoiled(told, Gate(not_json=True)))
