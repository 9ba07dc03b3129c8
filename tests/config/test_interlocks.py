"""What a site file says of interlocks beside presence and airlock: each contradiction is refused, where it is written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from controller.config.load import load_site, shipped_sites
from controller.config.site import Accepted, Response

from .conftest import SLOW_EFO, Spoil, problems_of, replaced

SIGNED = "{who: A. Martin, when: 2026-03-01, why: nobody walks there}"
WORDS = "accepted by A. Martin on 2026-03-01: nobody walks there"
BOOM = "    warning: massena-beacon\n"
RUHL = "    presence: [ruhl-presence]\n"
ALBERT = "    warning: albert-beacon\n"
MAINS = "    mains: massena-mains\n"
SLOW = """    slow_efo:
      within_s: 5
      accepted:
        who: Safety officer of the site, City of Nice
        when: 2026-01-31
        why: its drive has one speed and no input for an emergency; timed at the acceptance test
"""
BUS = ", poll_s: 0.15, patience_s: 0.15}"

CONTRADICTIONS = {
    "no beacon and nobody accepted (R13)": (BOOM, "", "`no_warning_accepted` who accepted that, when and why (R13"),
    "a beacon and an acceptance": (BOOM, f"{BOOM}    no_warning_accepted: {SIGNED}\n", "says nothing: remove it"),
    "unknown beacon": (BOOM, "    warning: masena-beacon\n", "the beacon `masena-beacon` is not known; did you mean"),
    "warning by no beacon": (BOOM, "    warning: massena-signal\n", "`massena-signal` is a signal, not a beacon"),
    "warning by a beacon that warns of others": (
        BOOM,
        "    warning: albert-beacon\n",
        "`albert-beacon` does not name `massena-boom` under `warns`",
    ),
    "beacon that the mover does not name": (
        "warns: [massena-boom]",
        "warns: [massena-boom, albert-bollards]",
        "`albert-bollards` does not say `warning: massena-beacon`",
    ),
    "beacon of a mover that accepts to have none": (
        "warns: [massena-boom]",
        "warns: [massena-boom, ruhl-wedge]",
        "`ruhl-wedge` does not say `warning: massena-beacon`",
    ),
    "beacon that warns of nothing": ("warns: [massena-boom]", "warns: []", "it warns of nothing: name its movers"),
    "beacon that warns of no mover": (
        "warns: [massena-boom]",
        "warns: [massena-boom, massena-loop]",
        "`massena-loop` is a loop: expected a bollard, barrier or road blocker",
    ),
    "beacon that warns of what is not there": (
        "warns: [massena-boom]",
        "warns: [massena-boom, masena-boom]",
        "the mover `masena-boom` is not known; did you mean `massena-boom`?",
    ),
    "beacon that warns twice": ("warns: [massena-boom]", "warns: [massena-boom, massena-boom]", "is named twice"),
    "unknown traffic controller (R31)": (
        BOOM,
        f"{BOOM}    traffic: crossing\n",
        "the traffic controller `crossing` is not known",
    ),
    "traffic controller that is none (R31)": (
        BOOM,
        f"{BOOM}    traffic: massena-signal\n",
        "`massena-signal` is a signal, not a traffic controller",
    ),
    "unknown mains (R13)": (
        MAINS,
        "    mains: masena-mains\n",
        "the contact `masena-mains` is not known; did you mean",
    ),
    "mains that are no contact (R13)": (MAINS, "    mains: massena-loop\n", "`massena-loop` is a loop, not a contact"),
    "mains by a contact of something else (R13)": (
        MAINS,
        "    mains: massena-battery\n",
        "`massena-battery` means `battery`: name the contact of the drive's mains, and say `means: mains` there",
    ),
    "mains by a contact of nothing (R13, R39)": (
        "    means: mains\n  massena-battery:\n",
        "  massena-battery:\n",
        "devices.massena-boom.mains: `massena-mains` says nothing about what it means: name the contact",
    ),
    "emergency that ignores no loop (R09)": (
        RUHL,
        f"    no_presence_accepted: {SIGNED}\n    efo_ignores_presence_accepted: {SIGNED}\n",
        "so `efo_ignores_presence_accepted` says nothing: remove it",
    ),
    "deployment under 2 s (R22)": (
        RUHL,
        f"{RUHL}    response: {{reaction_s: 3, deployment_s: 1.9}}\n",
        "deployment_s: 1.9 s is not possible: at least 2 s (R22)",
    ),
    "deployment that does not cover the emergency drive (R22)": (
        SLOW,
        "    response: {reaction_s: 3, deployment_s: 2.4}\n",
        "2.5 s to block the way (R02, R22): at least 2.5 s",
    ),
    "deployment that does not cover a slow emergency drive (R22)": (
        RUHL,
        f"{RUHL}    response: {{reaction_s: 3, deployment_s: 4.9}}\n",
        "5 s to block the way (R02, R22): at least 5 s",
    ),
    "slow emergency that is not slow (R02)": (
        "within_s: 5\n",
        "within_s: 2.5\n",
        "2.5 s is no longer than the 2.5 s of `road-blocker-wedge`, so it says nothing: remove it",
    ),
    "slow emergency that is slower than a fault (R02)": (
        "within_s: 5\n",
        "within_s: 6.1\n",
        "6.1 s is too long: `road-blocker-wedge` is in fault when any travel takes 6 s",
    ),
    "slow emergency that nobody accepted (R02)": (SLOW, "    slow_efo: {within_s: 5}\n", "accepted"),
    "reaction under 3 s (R22)": (
        RUHL,
        f"{RUHL}    response: {{reaction_s: 2.9, deployment_s: 5}}\n",
        "say under `approved` who approved that, when and why (R22)",
    ),
    "reaction under 1 s, approved (R22)": (
        RUHL,
        f"{RUHL}    response: {{reaction_s: 0.9, deployment_s: 5, approved: {SIGNED}}}\n",
        "nobody reacts within less than 1 s (R22)",
    ),
    "approval that approves nothing (R22)": (
        RUHL,
        f"{RUHL}    response: {{reaction_s: 3, deployment_s: 5, approved: {SIGNED}}}\n",
        "`approved` says nothing: remove it",
    ),
    "inputs polled too seldom (R38)": (BUS, ", poll_s: 0.41, patience_s: 0.15}", "(R38); poll at least every 0.4 s"),
    "inputs missed while another unit is mute (R38)": (
        BUS,
        ", poll_s: 0.2, patience_s: 0.15}",
        "is looked at every 0.419 s only (poll_s 0.2 s, a patience of 0.15 s, 0.07 s for the other units), so that",
    ),
    "inputs missed with the patience of the profile (R38)": (
        ", poll_s: 0.1, patience_s: 0.25}",
        ", poll_s: 0.1}",
        "a patience of 0.5 s, 0.01 s for the other units",
    ),
    "acceptance of missed inputs where none is (R38)": (
        BUS,
        f", poll_s: 0.15, patience_s: 0.15, missed_inputs_accepted: {SIGNED}}}",
        "so `missed_inputs_accepted` says nothing: remove it",
    ),
    "acceptance that does not cover what is polled too seldom (R38)": (
        BUS,
        f", poll_s: 0.41, missed_inputs_accepted: {SIGNED}}}",
        "(R38); poll at least every 0.4 s",
    ),
}


@pytest.mark.parametrize(("old", "new", "says"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_one_contradiction_is_one_problem(spoil: Spoil, old: str, new: str, says: str) -> None:
    found = spoil((old, new))
    hits = [problem for problem in found if says in problem.message]
    # A beacon that is taken away from its mover, or given to a second, contradicts both.
    assert len(hits) == 1
    assert len(found) == (2 if old == BOOM and "albert-beacon" in new else 1), [str(problem) for problem in found]


def test_a_problem_of_a_response_budget_points_at_its_number(spoil: Spoil, site_text: str) -> None:
    given = f"{RUHL}    response: {{reaction_s: 2, deployment_s: 2.4}}\n"
    reaction, deployment = spoil((RUHL, given))
    line = replaced(site_text, RUHL, given).splitlines()[reaction.line - 1]
    assert line[reaction.column - 1 :].startswith("2,")
    assert line[deployment.column - 1 :].startswith("2.4")


def test_what_may_only_be_misspelt_is_not_called_missing(spoil: Spoil) -> None:
    (problem,) = spoil((BOOM, "    alert: massena-beacon\n"))
    assert "the key `alert` is not known" in problem.message


def test_r38_a_link_that_pushes_or_only_informs_may_be_slow(spoil: Spoil) -> None:
    assert spoil(('opc.tcp://10.20.1.30:4840"', 'opc.tcp://10.20.1.30:4840", poll_s: 0.4')) == ()


def test_the_shipped_beacons_and_their_movers_name_each_other() -> None:
    devices = load_site(shipped_sites() / "nice-promenade").devices
    assert devices["gambetta-beacon"].warns == ("gambetta-outer", "gambetta-inner")
    assert devices["gambetta-inner"].warning == devices["gambetta-outer"].warning == "gambetta-beacon"


def test_every_acceptance_is_kept_with_its_name_and_its_words(tmp_path: Path, site_text: str) -> None:
    given = (
        f"{RUHL}    efo_ignores_presence_accepted: {SIGNED}\n"
        f"    response: {{reaction_s: 2, deployment_s: 5, approved: {SIGNED}}}\n"
    )
    (tmp_path / "site.yaml").write_text(replaced(site_text, RUHL, given), encoding="utf-8")
    wedge = load_site(tmp_path).devices["ruhl-wedge"]
    who = Accepted("A. Martin", date(2026, 3, 1), "nobody walks there")
    assert wedge.response == Response(2, 5, who)
    warning, ignored, slow, reaction = wedge.accepted
    assert warning.startswith(
        "no warning before it moves: accepted by Safety officer of the site, City of Nice on 2026-"
    )
    assert slow.startswith("an emergency may take 5 s to block the way (R02): accepted by Safety officer of the site, ")
    assert (ignored, reaction) == (
        f"no presence loop holds up an emergency: {WORDS}",
        f"a reaction within 2 s: {WORDS}",
    )


def test_r38_who_accepted_that_inputs_may_be_missed_stands_at_every_device_of_that_wire(
    tmp_path: Path, site_text: str
) -> None:
    text = replaced(site_text, BUS, f", poll_s: 0.4, missed_inputs_accepted: {SIGNED}}}")
    (tmp_path / "site.yaml").write_text(text, encoding="utf-8")
    site = load_site(tmp_path)
    told = f"short inputs may be missed while another unit is mute: {WORDS}"
    assert {name for name, device in site.devices.items() if told in device.accepted} == {
        name
        for name in site.devices
        if name.startswith("gambetta-") and name not in ("gambetta-beacon", "gambetta-cabinet")
    }


def test_the_patience_of_a_link_is_that_of_its_units() -> None:
    units = load_site(shipped_sites() / "nice-promenade").units
    given = {name: unit.unit.options["patience_s"] for name, unit in units.items()}
    assert (given["gambetta-io"], given["massena-io2"], given["albert-io"]) == (0.15, 0.25, 0.5)


def test_what_nobody_relaxed_is_no_risk(tmp_path: Path, site_text: str) -> None:
    (tmp_path / "site.yaml").write_text(SLOW_EFO.sub("", site_text), encoding="utf-8")
    assert load_site(tmp_path).devices["massena-boom"].accepted == ()


def test_a_traffic_controller_needs_no_profile(tmp_path: Path, site_text: str) -> None:
    crossing = (
        "  crossing:\n    kind: traffic_controller\n    title: Crossing\n    zone: massena\n"
        "    wiring: {flashing: massena-io2.di5, dark: massena-io.di5}\n  massena-battery:\n"
    )
    text = replaced(site_text, BOOM, f"{BOOM}    traffic: crossing\n")
    text = replaced(text, "  massena-battery:\n", crossing)
    text = replaced(text, "wiring: {contact: massena-io.di5}", "wiring: {contact: massena-io.di4}")
    (tmp_path / "site.yaml").write_text(text, encoding="utf-8")
    assert problems_of(tmp_path) == ()
    assert load_site(tmp_path).devices["massena-boom"].traffic == "crossing"


BOLLARD, ARM = "bollard-hydraulic-273", "boom-barrier-pulse"
SOURCE = 'source: "Acme manual, p. 3"}\n'

PROFILES = {
    "travel not longer than the fastest (R01)": (
        BOLLARD,
        f"fastest: {{seconds: 8, {SOURCE}",
        "must be longer than the",
    ),
    "fastest of a bollard under 3 s (R01)": (BOLLARD, f"fastest: {{seconds: 2.9, {SOURCE}", "at least 3 s (R01)"),
    "bollard as a crash beam (R03)": (BOLLARD, "crash_beam: true\n", "a crash beam is a barrier, this is a bollard"),
    "crash beam with the travel of a boom (R03)": (ARM, "crash_beam: true\n", "6 is not possible: 8 to 15 s (R03)"),
    "emergency over 2.5 s (R02)": (BOLLARD, f"efo: {{seconds: 2.6, {SOURCE}", "at most 2.5 s (R02)"),
    "emergency in no time (R02)": (BOLLARD, f"efo: {{seconds: 0, {SOURCE}", "above 0, at most 2.5 s (R02)"),
    "emergency that begins after the order": (BOLLARD, f"efo_lead: {{seconds: 5, {SOURCE}", "an order lives 5 s"),
    "warning under 1 s (R13)": (BOLLARD, f"warning: {{seconds: 0.9, {SOURCE}", "at least 1 s (R13)"),
    "warning longer than the order": (BOLLARD, f"warning: {{seconds: 5, {SOURCE}", "5 s that an order lives"),
    "more than 300 cycles an hour (R04)": (BOLLARD, "cycles_per_hour: 301\n", "must be at most 300"),
    "no cycle at all (R04)": (BOLLARD, "cycles_per_hour: 0\n", "must be at least 1"),
    "giving up after too many returns (R11)": (BOLLARD, "give_up: 11\n", "must be at most 10"),
    "beacon that proves nothing (R15)": ("warning-beacon", "", "a beacon's lamps must prove themselves (R15)"),
}


@pytest.mark.parametrize(("name", "added", "says"), PROFILES.values(), ids=PROFILES.keys())
def test_a_profile_keeps_within_the_rules(spoil_profile: Spoil, name: str, added: str, says: str) -> None:
    edit = ("settle:\n", f"{added}settle:\n") if added else ("lamp_proof:\n  seconds: 5\n  source", "# ")
    (problem,) = spoil_profile(name, edit)
    assert says in problem.message
    assert problem.path.endswith(f"{name}-x.yaml")
