"""What a site file says of its sensors: limits, thresholds, meanings and one-way lanes (R23, R29, R39)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from controller.composition import compose
from controller.config.load import load_site
from controller.core.spec import ContactSpec, DirectionSpec, Meaning, RadarSpec, Spec

from .conftest import Spoil, problems_of, replaced

LANE = """\
  albert-lane:
    kind: direction
    title: Lane of Albert 1er
    zone: albert-1er
    entry: albert-loop-entry
    exit: albert-loop-exit
"""
DEVICES = "devices:\n"
LOOP = "    wiring: {detect: albert-io.di7, fault: albert-io.di8}\n"
RADAR = "    overspeed_kmh: 50\n"
CONTACT = "    means: door\n"


def fitted(folder: Path, text: str, *edits: tuple[str, str]) -> dict[str, Spec]:
    """Return what the devices of the shipped site become with these texts replaced."""
    for old, new in edits:
        text = replaced(text, old, new)
    (folder / "site.yaml").write_text(text, encoding="utf-8")
    site = load_site(folder)

    async def composed() -> dict[str, Spec]:
        return {fitting.spec.id: fitting.spec for fitting in compose(site).fittings}

    return asyncio.run(composed())


def test_a_one_way_lane_has_two_loops_and_no_wiring(tmp_path: Path, site_text: str) -> None:
    lane = fitted(tmp_path, site_text, (DEVICES, DEVICES + LANE))["albert-lane"]
    assert isinstance(lane, DirectionSpec)
    assert (lane.entry, lane.exit, dict(lane.inputs)) == ("albert-loop-entry", "albert-loop-exit", {})


def test_r29_the_limits_of_a_loop_are_in_minutes_and_hours(tmp_path: Path, site_text: str) -> None:
    limits = "    presence_limit_min: 30\n    absence_limit_h: 72\n"
    specs = fitted(tmp_path, site_text, (LOOP, LOOP + limits))
    assert specs["albert-loop-entry"].limits == {"occupied": 1800.0, "clear": 259_200.0}
    assert specs["albert-loop-exit"].limits == {}


def test_r23_the_threshold_of_a_radar_is_the_sites_or_the_default(tmp_path: Path, site_text: str) -> None:
    given = fitted(tmp_path, site_text, (RADAR, "    overspeed_kmh: 60\n"))["albert-radar"]
    default = fitted(tmp_path, site_text, (RADAR, ""))["albert-radar"]
    assert isinstance(given, RadarSpec)
    assert isinstance(default, RadarSpec)
    assert (given.overspeed_kmh, default.overspeed_kmh) == (60.0, 40.3)


def test_r39_a_contact_means_what_the_site_says(tmp_path: Path, site_text: str) -> None:
    contact = fitted(tmp_path, site_text, (CONTACT, "    means: tamper\n"))["albert-cabinet"]
    assert isinstance(contact, ContactSpec)
    assert contact.means is Meaning.TAMPER


def test_what_the_profile_says_holds_where_the_site_says_nothing(tmp_path: Path, site_text: str) -> None:
    (tmp_path / "profiles").mkdir()
    profile = "profile: square\ntitle: x\nsource: site survey\nkind: loop\npresence_limit_min: 5\nabsence_limit_h: 6\n"
    (tmp_path / "profiles" / "square.yaml").write_text(profile, encoding="utf-8")
    edit = (f"    profile: loop-detector\n{LOOP}", f"    profile: square\n{LOOP}    absence_limit_h: 7\n")
    specs = fitted(tmp_path, site_text, edit)
    assert specs["albert-loop-entry"].limits == {"occupied": 300.0, "clear": 25_200.0}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (LOOP, f"{LOOP}    presence_limit_min: 0\n", "0 must be at least 1"),
        (LOOP, f"{LOOP}    presence_limit_min: 256\n", "256 must be at most 255"),
        (LOOP, f"{LOOP}    absence_limit_h: 256\n", "256 must be at most 255"),
        (RADAR, "    overspeed_kmh: 300\n", "300 must be at most 250"),
        (CONTACT, "    means: mayns\n", "did you mean `mains`?"),
        (RADAR, f"{RADAR}    means: mains\n", "the key `means` is not known"),
        (DEVICES, DEVICES + replaced(LANE, "albert-loop-exit", "albert-loop-exti"), "did you mean `albert-loop-exit`?"),
        (
            DEVICES,
            DEVICES + replaced(LANE, "albert-loop-exit", "albert-radar"),
            "`albert-radar` is a radar, not a loop",
        ),
        (DEVICES, DEVICES + replaced(LANE, "albert-loop-exit", "albert-loop-entry"), "one loop tells no direction"),
        (DEVICES, DEVICES + LANE + "    profile: speed-radar\n", "is for a radar, this is a direction"),
        (DEVICES, DEVICES + LANE + "    wiring: {detect: albert-io.di15}\n", "the key `detect` is not known"),
        (DEVICES, DEVICES + replaced(LANE, "    exit: albert-loop-exit\n", ""), "`exit` is missing"),
    ],
)
def test_what_cannot_be_is_refused(spoil: Spoil, old: str, new: str, says: str) -> None:
    found = spoil((old, new))
    assert any(says in problem.message for problem in found), [str(problem) for problem in found]


def test_r29_a_profile_of_another_kind_has_no_limits_of_a_loop(tmp_path: Path, site_text: str) -> None:
    (tmp_path / "profiles").mkdir()
    profile = "profile: fast\ntitle: x\nsource: site survey\nkind: radar\npresence_limit_min: 5\n"
    (tmp_path / "profiles" / "fast.yaml").write_text(profile, encoding="utf-8")
    (tmp_path / "site.yaml").write_text(replaced(site_text, "profile: speed-radar", "profile: fast"), encoding="utf-8")
    (problem,) = problems_of(tmp_path)
    assert "belongs to a loop, this is a radar" in problem.message
