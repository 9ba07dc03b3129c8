"""`rempart check --prove`: what is proved is told with its numbers, what is unsafe is refused with the way to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.cli.main import main

SHIPPED = Path(__file__).parents[2] / "sites" / "nice-promenade"
SECTIONS = ("zones", "links", "units", "devices", "routes")

pytestmark = pytest.mark.timeout(600)


def part(folder: Path, zone: str, devices: dict[str, Any] | None = None, **wiring: str) -> str:
    """Write the site that is one entrance of the shipped one, with a wire moved and more said of `devices`; return its folder."""
    site = yaml.safe_load((SHIPPED / "site.yaml").read_text("utf-8"))
    for section in SECTIONS:
        site[section] = {name: entry for name, entry in site[section].items() if name.startswith(zone)}
    for name, more in (devices or {}).items():
        site["devices"][name] |= more
    for where, wire in wiring.items():
        device, signal = where.split("__")
        site["devices"][device.replace("_", "-")]["wiring"][signal] = wire
    (folder / "site.yaml").write_text(yaml.safe_dump(site, sort_keys=False), "utf-8")
    return str(folder)


def test_a_safe_site_is_proved_and_the_number_of_states_is_told(capsys, tmp_path: Path) -> None:
    assert main(["check", part(tmp_path, "ruhl"), "--prove", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (group,) = told["groups"]
    assert group["devices"] == ["ruhl-wedge", "ruhl-presence"]
    assert {"c", "e", "k"} <= set(group["invariants"])
    assert group["states"] > 50
    assert group["broken"] is None


def test_what_somebody_accepted_is_honoured_for_emergencies_and_told(capsys, tmp_path: Path) -> None:
    signed = {"who": "A. Martin, City of Nice", "when": "2026-03-01", "why": "the wedge is guarded"}
    site = part(tmp_path, "ruhl", {"ruhl-wedge": {"efo_ignores_presence_accepted": signed}})
    assert main(["check", site, "--prove"]) == 0
    told = capsys.readouterr().out
    assert "proved (c) " in told
    accepted = "accepted by A. Martin, City of Nice on 2026-03-01: the wedge is guarded"
    assert f"ruhl-wedge: not proved, but accepted: no presence loop holds up an emergency: {accepted}\n" in told
    assert "ruhl-wedge: not proved, but accepted: no warning before it moves: accepted by " in told


def test_a_site_whose_loop_shares_a_contact_with_a_key_switch_is_refused_with_a_trace(capsys, tmp_path: Path) -> None:
    site = part(tmp_path, "ruhl", ruhl_wedge__local="ruhl-wedge-plc.presence")
    assert main(["check", site]) == 0
    assert main(["check", site, "--prove"]) == 2
    captured = capsys.readouterr()
    assert "REFUSED" in captured.out
    assert "does not hold: (c) no output asks for a securing motion while presence is true" in captured.err
    assert "    1. " in captured.err
    assert "somebody orders ruhl-wedge to raise" in captured.err
    assert "=> ruhl-wedge is told to raise while ruhl-presence" in captured.err


def test_a_row_of_an_airlock_that_reads_the_limit_switch_of_the_other_is_refused(capsys, tmp_path: Path) -> None:
    shipped = yaml.safe_load((SHIPPED / "site.yaml").read_text("utf-8"))["devices"]["gambetta-outer"]["wiring"][
        "raised"
    ]
    site = part(tmp_path, "gambetta", gambetta_inner__raised=shipped)
    assert main(["check", site]) == 0
    assert main(["check", site, "--prove"]) == 2
    captured = capsys.readouterr()
    assert "does not hold: (d) no output asks a row of an airlock to open unless" in captured.err
    assert "it can tell of one only" in captured.err
