"""A wrong simulation.yaml is refused with the place and with what was expected, everything at once."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from simulators.build import build
from simulators.clock import Clock
from simulators.errors import SimulationError
from simulators.profiles import folder, load
from tests.simulators.support import SITE, write_site

SHIPPED: dict[str, Any] = YAML(typ="safe").load(SITE / "simulation.yaml")


def errors_of(folder: Path) -> list[str]:
    with pytest.raises(SimulationError) as caught:
        build(folder, Clock())
    return str(caught.value).splitlines()


def changed(path: str, value: Any) -> dict[str, Any]:
    document = deepcopy(SHIPPED)
    *parents, last = path.split("/")
    place = document
    for key in parents:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return document


def test_a_folder_without_the_file(tmp_path: Path):
    assert errors_of(tmp_path) == [
        f"{tmp_path}/simulation.yaml: no such file: expected a site folder with a simulation.yaml, e.g. sites/nice-promenade"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("links: [", "not YAML"),
        ("- a", "expected keys with values"),
        ("a: 1\na: 2", "duplicate"),
        ("\tx: 1", "not YAML"),
    ],
)
def test_a_file_that_is_not_a_yaml_mapping(tmp_path: Path, text: str, expected: str):
    (tmp_path / "simulation.yaml").write_text(text)
    (line,) = errors_of(tmp_path)
    assert expected in line


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("units/albert-io/profile", "wago-75", "unknown unit profile 'wago-75'"),
        (
            "units/albert-io/link",
            "alber",
            "units.albert-io.link: there is no 'alber'; did you mean `albert`? (known: albert,",
        ),
        ("units/albert-io/address", 300, "units.albert-io.address: expected a unit id from 1 to 247, found 300"),
        (
            "units/massena-io2/address",
            1,
            "units.massena-io2.address: 1 on link massena-relays belongs to massena-io already",
        ),
        (
            "units/albert-radar/link",
            "ruhl-plc",
            "units.albert-radar.profile: mph-radar speaks serial, but",
        ),
        ("units/albert-radar/message", 3, "units.albert-radar.message: mph-radar has one type of message: remove it"),
        (
            "units/ruhl-wedge-plc/holds/colour",
            "red",
            "units.ruhl-wedge-plc.holds: plc-road-blocker has no point 'colour'",
        ),
        ("plants/albert-bollards/lane", "nowhere", "plants.albert-bollards.lane: there is no 'nowhere'"),
        ("plants/albert-bollards/channels/raise", "albert-io.do9", "wago-750 has no point 'do9'"),
        ("plants/albert-bollards/channels/raise", "albert-oi.do0", "there is no unit 'albert-oi'"),
        ("plants/albert-bollards/channels/raise", "albert-io.di0", "an order needs an output"),
        ("plants/albert-cabinet/channels/contact", "albert-io.do7", "a plant speaks through inputs"),
        (
            "plants/albert-bollards/channels/hold",
            "albert-io.do5",
            "a bollard has no channel 'hold' (known: estop, local, lower, lowered",
        ),
        ("plants/albert-bollards/channels/lower", None, "'lower' is missing"),
        (
            "plants/albert-bollards/channels/raised",
            ["albert-io.di0", "albert-io.di2"],
            "2 channels for 3 member(s): expected 3",
        ),
        ("plants/albert-cabinet/channels/contact", "albert-io.di0", "albert-io.di0 is wired already"),
        ("plants/gambetta-outer/airlock_with", "albert-signal", "there is no 'albert-signal'"),
        ("lanes/albert/signal", "alberta", "lanes.albert.signal: there is no 'alberta'"),
        ("supplies/albert/mains", "albert-bollards", "supplies.albert.mains"),
        ("supplies/albert/feeds", ["nothing"], "supplies.albert.feeds"),
        ("lanes/albert/signal", "albert-cabinet", "lanes.albert.signal: there is no 'albert-cabinet'"),
        ("timezone", "Europe/Nice", "timezone: 'Europe/Nice' is not known here"),
        ("units/ruhl-wedge-plc/holds/model", 7, "holds.model: 7 is no value of a text point: expected text"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, path: str, value: Any, expected: str):
    lines = errors_of(write_site(tmp_path / "site", changed(path, value)))
    assert any(expected in line for line in lines), lines
    assert all(str(tmp_path / "site") in line for line in lines)


def test_several_mistakes_are_told_at_once(tmp_path: Path):
    document = changed("plants/albert-bollards/lane", "nowhere")
    document["lanes"]["albert"]["signal"] = "alberta"
    document["plants"]["albert-cabinet"]["channels"]["contact"] = "albert-io.di99"
    assert len(errors_of(write_site(tmp_path / "site", document))) >= 3


@pytest.mark.parametrize("name", sorted(p.stem for p in (SITE.parents[1] / "drivers/profiles").glob("*.yaml")))
def test_every_shipped_unit_profile_can_be_simulated(name: str):
    path = SITE.parents[1] / "drivers" / "profiles" / f"{name}.yaml"
    if "protocol" in YAML(typ="safe").load(path):
        assert load(name).points


def test_a_sites_own_profile_is_found_before_the_shipped_ones(tmp_path: Path):
    own = (folder() / "wago-750.yaml").read_text(encoding="utf-8").replace("wago-750", "acme-750")
    write_site(tmp_path, changed("units/albert-io/profile", "acme-750"))
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "acme-750.yaml").write_text(own, encoding="utf-8")
    assert build(tmp_path, Clock()).images["albert-io"].profile.name == "acme-750"


def test_a_dialect_that_has_no_simulation_is_refused(tmp_path: Path):
    own = (folder() / "mph-radar.yaml").read_text(encoding="utf-8").replace("dialect: mph", "dialect: mhp")
    write_site(tmp_path, changed("units/albert-radar/profile", "own-radar"))
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "own-radar.yaml").write_text(own, encoding="utf-8")
    (line,) = errors_of(tmp_path)
    assert (
        "units.albert-radar.profile: own-radar: there is no simulation of the dialect 'mhp'; did you mean `mph`?"
        in line
    )


def test_the_shipped_field_agrees_with_the_shipped_wiring():
    """Two files tell of the same cables: where both name a signal, it is on the same terminal."""
    site: dict[str, Any] = YAML(typ="safe").load(SITE / "site.yaml")
    assert {n: u["link"] for n, u in site["units"].items()} == {n: u["link"] for n, u in SHIPPED["units"].items()}
    for name, unit in site["units"].items():
        mine = SHIPPED["units"][name]
        assert (unit["profile"], unit.get("address")) == (mine["profile"], mine.get("address"))
        for point, expected in unit.get("expect", {}).items():
            assert mine["holds"][point] == expected
    compared = 0
    for name, device in site["devices"].items():
        for signal, wired in device["wiring"].items():
            points = wired if isinstance(wired, list) else [wired]
            built = SHIPPED["plants"][name]["channels"].get(signal)
            if built is not None:
                assert points == (built if isinstance(built, list) else [built]), f"{name}.{signal}"
                compared += 1
    assert compared > 40
