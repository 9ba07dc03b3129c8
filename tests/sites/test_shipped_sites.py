"""Every site and every device model that comes with rempart is good, and says where its facts are from."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from controller.config.load import load_site, shipped_sites
from controller.config.profiles import Library, load, shipped
from drivers.profile import ModbusProfile, Register, Table

SITES = sorted(path.parent for path in shipped_sites().glob("*/site.yaml"))
PROFILES = sorted(shipped().glob("*.yaml"))


def folder(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("site", SITES, ids=folder)
def test_a_shipped_site_checks(site: Path) -> None:
    assert load_site(site).name == site.name


@pytest.mark.parametrize("site", SITES, ids=folder)
def test_the_plan_shows_every_device_and_no_other(site: Path) -> None:
    ids = [element.get("id", "") for element in ET.parse(site / "plan.svg").iter()]
    drawn = sorted(id_.removeprefix("device-") for id_ in ids if id_.startswith("device-"))
    assert drawn == sorted(load_site(site).devices)


@pytest.mark.parametrize("site", SITES, ids=folder)
def test_a_site_says_what_it_is(site: Path) -> None:
    assert (site / "README.md").read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_a_shipped_profile_checks(path: Path) -> None:
    loaded = load(path)
    assert (loaded.problems, loaded.profile is not None) == ((), True)


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_another_yaml_reader_reads_the_same_profile(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == load(path).doc.data


def modbus(name: str) -> dict[str, Register]:
    profile = load(shipped() / f"{name}.yaml").profile
    assert isinstance(profile, ModbusProfile)
    found = {point.name: point.address for point in profile.expanded(1).values()}
    return {point: address for point, address in found.items() if isinstance(address, Register)}


def reference(number: int) -> tuple[Table, int]:
    """Table and wire address of a five-digit data-model reference (Modbus Application Protocol V1.1b3, 4.4)."""
    tables = {0: Table.COIL, 1: Table.DISCRETE, 3: Table.INPUT, 4: Table.HOLDING}
    return tables[number // 10000], number % 10000 - 1


# The manual's own numbers (LD120 manual p. 10), against what the profile makes of them.
LD120 = {
    "fault": 10001,
    "detect": 10002,
    "open_circuit": 10005,
    "short_circuit": 10006,
    "relay0": 9,
    "relay1": 10,
    "module_type": 30001,
    "version": 30001,
    "node_id": 40014,
}


@pytest.mark.parametrize(("point", "number"), LD120.items())
def test_ld120_addresses_are_the_manuals(point: str, number: int) -> None:
    where = modbus("ld120")[point]
    assert (where.table, where.address) == reference(number)


# WAGO-I/O-SYSTEM 750 Ethernet TCP/IP manual, p. 160-164.
WAGO = {
    "di0": (Table.DISCRETE, 0x0000),
    "di15": (Table.DISCRETE, 0x000F),
    "do0": (Table.COIL, 0x0000),
    "do7": (Table.COIL, 0x0007),
    "readback0": (Table.COIL, 0x0200),
    "readback7": (Table.COIL, 0x0207),
    "watchdog_time": (Table.HOLDING, 0x1000),
    "watchdog_mask": (Table.HOLDING, 0x1001),
    "watchdog_trigger": (Table.HOLDING, 0x1003),
    "watchdog_status": (Table.HOLDING, 0x1006),
    "watchdog_restart": (Table.HOLDING, 0x1007),
    "watchdog_stop": (Table.HOLDING, 0x1008),
    "test_pattern": (Table.HOLDING, 0x2002),
    "series": (Table.HOLDING, 0x2011),
    "item": (Table.HOLDING, 0x2012),
}


@pytest.mark.parametrize(("point", "where"), WAGO.items())
def test_wago_addresses_are_the_manuals(point: str, where: tuple[Table, int]) -> None:
    found = modbus("wago-750")[point]
    assert (found.table, found.address) == where


# Moxa ioLogik E1200 user's manual, p. 91.
MOXA = {
    "do0": 0x0000,
    "do5": 0x0005,
    "pulse0": 0x0010,
    "pulse5": 0x0015,
    "safe0": 0x1010,
    "clear_safe0": 0x1020,
}


@pytest.mark.parametrize(("point", "address"), MOXA.items())
def test_moxa_addresses_are_the_manuals(point: str, address: int) -> None:
    found = modbus("moxa-e1214")[point]
    assert (found.table, found.address) == (Table.COIL, address)


def test_the_library_knows_its_profiles_by_name() -> None:
    library = Library([shipped()])
    assert {"wago-750", "ld120", "bollard-hydraulic-273"} <= set(library.names())
    assert library.get("nothing") is None
    assert "did you mean `wago-750`?" in library.why_not("wago-75")
