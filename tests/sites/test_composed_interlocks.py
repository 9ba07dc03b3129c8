"""What the site file and the profiles say of interlocks arrives in the core, where it forbids."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.composition import fittings
from controller.config.load import load_site, shipped_sites
from controller.config.profiles import shipped
from controller.core.spec import BeaconSpec, MoverSpec, Spec

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


@pytest.mark.parametrize(("name", "fastest"), [("albert-bollards", 3.0), ("massena-boom", 0.0), ("ruhl-wedge", 0.0)])
def test_r01_what_a_profile_leaves_out_has_the_default_of_the_rule(name: str, fastest: float) -> None:
    spec = mover(name)
    assert (spec.fastest_s, spec.efo_s, spec.efo_lead_s) == (fastest, 2.5, 0.0)
    assert (spec.cycles_per_hour, spec.give_up, spec.traffic, spec.efo_ignores_presence) == (300, 3, "", False)


def test_an_accepted_absence_of_warning_is_none_and_stays_in_words() -> None:
    wedge = mover("ruhl-wedge")
    assert wedge.warning == ""
    assert [risk.partition(":")[0] for risk in wedge.accepted] == ["no warning before it moves"]


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
    site = (NICE / "site.yaml").read_text(encoding="utf-8").replace("boom-barrier-pulse", "beam")
    site = site.replace(
        "    warning: massena-beacon\n", f"    warning: massena-beacon\n    efo_ignores_presence_accepted: {signed}\n"
    )
    (tmp_path / "site.yaml").write_text(site, encoding="utf-8")
    spec = mover("massena-boom", tmp_path)
    assert (spec.fastest_s, spec.efo_s, spec.efo_lead_s, spec.warning_s) == (8.0, 2.0, 1.0, 2.0)
    assert (spec.cycles_per_hour, spec.give_up, spec.efo_ignores_presence) == (60, 2, True)
    assert len(spec.accepted) == 1
