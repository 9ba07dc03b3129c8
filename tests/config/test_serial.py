"""What a site file and a profile must say of a device that talks by itself on a serial line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from controller.config.located import Problem
from drivers.dialects import DIALECTS

from .conftest import problems_of

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "profiles.md"


def found(folder: Path, *, url: str = "", expect: dict[str, Any] | None = None, **profile: Any) -> tuple[Problem, ...]:
    """The problems of a site with one radar of this profile."""
    eye = {
        "profile": "eye",
        "title": "Radar",
        "protocol": "serial",
        "source": "manual",
        "dialect": "icoms",
        "points": {"speed": {"source": "manual, p. 1", "field": "speed", "type": "u16"}},
        **profile,
    }
    site = {
        "site": "gate",
        "title": "Gate",
        "timezone": "Europe/Rome",
        "zones": {"gate": {"title": "Gate"}},
        "links": {"line": {"url": f"serial:///dev/serial/by-id/usb-x{url}"}},
        "units": {"eye": {"link": "line", "profile": "eye", "expect": expect or {}}},
        "devices": {"radar": {"kind": "radar", "title": "Radar", "zone": "gate", "wiring": {"speed": "eye.speed"}}},
    }
    (folder / "profiles").mkdir()
    (folder / "profiles" / "eye.yaml").write_text(json.dumps(eye, indent=1), encoding="utf-8")
    (folder / "site.yaml").write_text(json.dumps(site, indent=1), encoding="utf-8")
    return problems_of(folder)


def test_a_radar_of_a_known_dialect_is_accepted(tmp_path: Path) -> None:
    assert found(tmp_path, url="?baudrate=9600") == ()


def test_a_line_needs_no_baud_rate_where_the_dialect_has_one(tmp_path: Path) -> None:
    row = {"source": "manual, p. 1", "field": "target", "type": "u16"}
    assert found(tmp_path, dialect="mph", points={"speed": row}) == ()


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no baud rate": ({"url": ""}, "links.line.url: `eye` has no speed of its own: add the unit's, e.g. ?baudrate=9600"),
    "dialect": ({"dialect": "icom"}, "dialect: the value `icom` is not known; did you mean `icoms`?"),
    "field": (
        {"points": {"speed": {"source": "manual, p. 1", "field": "sped", "type": "u16"}}},
        "points.speed.field: the field `sped` is not known; did you mean `speed`?",
    ),
    "talks": ({"talks": "never"}, "talks: the value `never` is not known"),
    "identity": (
        {"talks": "on-target", "identity": {"speed": 0}},
        "identity: a unit that talks only on a target cannot prove it: remove it",
    ),
    "expect": (
        {"talks": "on-target", "expect": {"speed": 0}},
        "units.eye.expect: a unit that talks only on a target cannot prove it: remove it",
    ),
}


@pytest.mark.parametrize(("change", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_where_it_stands(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    problems = found(tmp_path, **{"url": "?baudrate=9600", **change})
    assert [p.message[: len(message)] for p in problems] == [message]


@pytest.mark.parametrize("name", DIALECTS)
def test_the_page_of_profiles_has_a_row_for_every_dialect_with_its_fields(name: str) -> None:
    table = PAGE.read_text(encoding="utf-8").partition("### Dialects of serial lines")[2].partition("\n## ")[0]
    (row,) = [line for line in table.splitlines() if line.startswith(f"| `{name}` |")]
    *_, speed, fields, _ = row.split("|")
    assert re.findall(r"`(\w+)`", fields) == list(DIALECTS[name].fields)
    assert speed.strip() == str(DIALECTS[name].baudrate or "")
