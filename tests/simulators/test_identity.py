"""A simulated unit answers for who it is by what its profile says, unless the simulation says otherwise."""

from __future__ import annotations

from pathlib import Path
from struct import unpack
from typing import Any

import pytest
from ruamel.yaml import YAML

from simulators.build import build
from simulators.clock import Clock
from simulators.errors import SimulationError
from simulators.profiles import folder, load
from simulators.servers.couplers import WagoMemory, memory_of
from tests.simulators.support import RawTcp, endpoint, image, served, write_site

ACME: dict[str, Any] = {
    "profile": "acme-io4",
    "protocol": "modbus",
    "identity": {"product": 404},
    "points": {"product": {"table": "holding", "address": 900, "type": "u16"}},
}


def site(tmp_path: Path, profile: dict[str, Any], **unit: Any) -> Path:
    (tmp_path / "profiles").mkdir()
    YAML(typ="safe", pure=True).dump(profile, tmp_path / "profiles" / "acme-io4.yaml")
    units = {"io": {"link": "cabinet", "profile": "acme-io4", "address": 1, **unit}}
    return write_site(tmp_path, {"site": "gate", "links": {"cabinet": {"protocol": "modbus-tcp"}}, "units": units})


@pytest.mark.parametrize(("unit", "expected"), [({}, 404), ({"holds": {"product": 405}}, 405)])
async def test_a_new_model_proves_who_it_is_on_the_wire(tmp_path: Path, unit: dict[str, Any], expected: int):
    async with (
        served("cabinet", site=site(tmp_path, ACME, **unit)) as field,
        RawTcp.connected(*endpoint(field, "cabinet")) as client,
    ):
        answer = await client.ask(bytes.fromhex("03 0384 0001"))
    assert unpack(">BBH", answer)[2] == expected


def test_an_identity_that_is_reset_at_power_up_comes_back(tmp_path: Path):
    rows = {"product": {**ACME["points"]["product"], "writable": True}}
    built = build(site(tmp_path, {**ACME, "points": rows}), Clock())
    memory_of(built.images["io"], 1, None).reset()
    assert built.images["io"].read("product") == 404


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ({"produce": 404}, "identity: there is no point 'produce'; did you mean `product`? (known: product)"),
        ({"product": "IO-4"}, "identity.product: 'IO-4' is no value of a u16 point: expected a number"),
        ([404], "identity: expected point: value"),
    ],
)
def test_an_identity_that_cannot_be_is_refused(tmp_path: Path, identity: Any, expected: str):
    with pytest.raises(SimulationError) as caught:
        build(site(tmp_path, {**ACME, "identity": identity}), Clock())
    assert expected in str(caught.value)


def test_the_coupler_answers_what_the_simulation_holds_instead_of_its_constants():
    held = memory_of(image("wago-750", series=751), 1, None)
    assert held.read_words(3, 0x2010, 3) == [16, 751, 352]


def test_the_loop_detector_answers_what_the_simulation_holds_instead_of_its_own():
    assert memory_of(image("ld120", module_type=35), 11, None).image.read("module_type") == 35


def test_a_coupler_whose_identity_is_frozen_shows_it_on_the_wire():
    unit = memory_of(image("wago-750"), 1, None)
    unit.image.force("series", 753)
    assert unit.read_words(3, 0x2011, 1) == [753]


def test_the_shipped_identities_are_those_of_the_manuals():
    """Profiles give the simulated values now, so the numbers are held against a second copy (WAGO 750 manual, p. 164)."""
    wago = {row.where["address"]: value for row, value in _identity("wago-750")}
    assert wago == {place: WagoMemory.CONSTANTS[place] for place in (0x2002, 0x2011)}
    assert [value for _, value in _identity("ld120")] == [34]


def _identity(name: str) -> list[tuple[Any, Any]]:
    profile = load(name)
    return [(profile.points[point], value) for point, value in profile.identity.items()]


def test_every_shipped_identity_is_answered():
    for path in folder().glob("*.yaml"):
        if "protocol" in YAML(typ="safe").load(path):
            profile = load(path.stem)
            assert {name: image(path.stem).read(name) for name in profile.identity} == dict(profile.identity)
