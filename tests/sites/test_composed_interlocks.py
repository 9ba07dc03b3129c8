"""What the site file and the profiles say of interlocks arrives in the core, where it forbids."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.composition import fittings
from controller.config.load import load_site, shipped_sites
from controller.config.profiles import shipped
from controller.core.spec import BeaconSpec, MoverSpec, Spec
from tests.config.conftest import SLOW_EFO

NICE = shipped_sites() / "nice-promenade"


def composed(folder: Path = NICE) -> dict[str, Spec]:
    return {fitting.spec.id: fitting.spec for fitting in fittings(load_site(folder))}


def mover(name: str, folder: Path = NICE) -> MoverSpec:
    spec = composed(folder)[name]
    assert isinstance(spec, MoverSpec)
    return spec


def test_r14_r15_a_mover_heeds_the_signals_that_follow_it_and_its_beacon() -> None:
    bollards = mover("albert-bollards")
    assert (bollards.signals, bollards.warning, bollards.warning_s) == (("albert-signal",), "albert-beacon", 1.0)
    beacon = composed()["gambetta-beacon"]
    assert isinstance(beacon, BeaconSpec)
    assert (beacon.warns, beacon.lamp_proof_s) == (("gambetta-outer", "gambetta-inner"), 5.0)
    assert (tuple(beacon.inputs), beacon.outputs) == (("lamp",), ("light",))


@pytest.fixture
def quick(tmp_path: Path) -> Path:
    """The shipped site with drives that have an emergency speed."""
    text = (NICE / "site.yaml").read_text(encoding="utf-8")
    (tmp_path / "site.yaml").write_text(SLOW_EFO.sub("", text), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("name", "fastest"), [("albert-bollards", 3.0), ("massena-boom", 0.0), ("ruhl-wedge", 0.0)])
def test_r01_what_a_profile_leaves_out_has_the_default_of_the_rule(quick: Path, name: str, fastest: float) -> None:
    spec = mover(name, quick)
    assert (spec.fastest_s, spec.efo_s, spec.efo_lead_s) == (fastest, 2.5, 0.0)
    assert (spec.cycles_per_hour, spec.give_up, spec.traffic, spec.efo_ignores_presence) == (300, 3, "", False)


@pytest.mark.parametrize(("name", "within_s"), [("albert-bollards", 6.0), ("massena-boom", 5.0), ("ruhl-wedge", 5.0)])
def test_r02_what_a_site_says_of_a_drive_of_one_speed_goes_before_its_profile(name: str, within_s: float) -> None:
    assert mover(name).efo_s == within_s


def test_an_accepted_absence_of_warning_is_none_and_stays_in_words() -> None:
    wedge = mover("ruhl-wedge")
    assert wedge.warning == ""
    assert [risk.partition(":")[0] for risk in wedge.accepted] == [
        "no warning before it moves",
        "an emergency may take 5 s to block the way (R02)",
    ]


def test_what_a_profile_says_goes_before_the_defaults(tmp_path: Path) -> None:
    given = (
        'crash_beam: true\nefo: {seconds: 2, source: "manual"}\nefo_lead: {seconds: 1, source: "manual"}\n'
        'warning: {seconds: 2, source: "manual"}\ncycles_per_hour: 60\ngive_up: 2\n'
    )
    profile = (shipped() / "boom-barrier-pulse.yaml").read_text(encoding="utf-8")
    profile = profile.replace("boom-barrier-pulse\n", "beam\n").replace("seconds: 6\n", "seconds: 12\n") + given
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "beam.yaml").write_text(profile, encoding="utf-8")
    signed = "{who: A. Martin, when: 2026-03-01, why: the loop is far away}"
    site = SLOW_EFO.sub("", (NICE / "site.yaml").read_text(encoding="utf-8")).replace("boom-barrier-pulse", "beam")
    site = site.replace(
        "    warning: massena-beacon\n", f"    warning: massena-beacon\n    efo_ignores_presence_accepted: {signed}\n"
    )
    (tmp_path / "site.yaml").write_text(site, encoding="utf-8")
    spec = mover("massena-boom", tmp_path)
    assert (spec.fastest_s, spec.efo_s, spec.efo_lead_s, spec.warning_s) == (8.0, 2.0, 1.0, 2.0)
    assert (spec.cycles_per_hour, spec.give_up, spec.efo_ignores_presence) == (60, 2, True)
    assert len(spec.accepted) == 1
