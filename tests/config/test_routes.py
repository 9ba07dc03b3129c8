"""Routes: what they may not say, each mistake at its place; and what is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.config.load import load_site, shipped_sites
from controller.core.spec import Route

from .conftest import Spoil

POINTS = "points: [albert-bollards, massena-boom]"

CASES = {
    "unknown mover": (
        "[albert-bollards, massena-bom]",
        "the mover `massena-bom` is not known; did you mean `massena-boom`?",
    ),
    "no mover": (
        "[albert-bollards, massena-loop]",
        "`massena-loop` is a loop: expected a bollard, barrier or road blocker",
    ),
    "the same twice": ("[massena-boom, massena-boom]", "`massena-boom` is named twice: remove one"),
    "both rows of an airlock": ("[gambetta-outer, gambetta-inner]", "are the rows of an airlock, which are never open"),
    "nothing": ("[]", "routes.fire-brigade.points"),
}


@pytest.mark.parametrize(("points", "says"), CASES.values(), ids=CASES.keys())
def test_refuses_a_point(spoil: Spoil, site_text: str, points: str, says: str) -> None:
    (problem,) = spoil((POINTS, f"points: {points}"))
    assert says in problem.message
    assert problem.line == site_text[: site_text.index(POINTS)].count("\n") + 1


@pytest.mark.parametrize(("hold_s", "says"), [("5", "at least 30"), ("20000", "at most 14400"), ("soon", "a number")])
def test_refuses_a_time_that_cannot_be(spoil: Spoil, hold_s: str, says: str) -> None:
    (problem,) = spoil(("hold_s: 600", f"hold_s: {hold_s}"))
    assert says in problem.message


@pytest.mark.parametrize(
    ("name", "what"), [("gambetta", "a zone"), ("ruhl-wedge", "a device"), ("nice-promenade", "the site")]
)
def test_refuses_a_name_that_stands_for_something_else(spoil: Spoil, name: str, what: str) -> None:
    (problem,) = spoil(("  fire-brigade:\n", f"  {name}:\n"))
    assert f"{what} has this name too" in problem.message


def test_refuses_a_no_show_time_where_nothing_closes_by_itself(spoil: Spoil) -> None:
    accepted = "no_presence_accepted: {who: The prefect, when: 2026-03-01, why: Walled in}"
    (problem,) = spoil(("    presence: [ruhl-presence]\n", f"    {accepted}\n    no_show_s: 20\n"))
    assert "without `presence` nothing closes it by itself" in problem.message


def test_reads_routes_and_no_show_times(tmp_path: Path, site_text: str) -> None:
    text = site_text.replace("    presence: [ruhl-presence]\n", "    presence: [ruhl-presence]\n    no_show_s: 20\n")
    (tmp_path / "site.yaml").write_text(text, encoding="utf-8")
    site = load_site(tmp_path)
    assert site.routes == {
        "fire-brigade": Route(
            title="Access for the fire brigade", points=("albert-bollards", "massena-boom"), hold_s=600.0
        )
    }
    assert (site.devices["ruhl-wedge"].no_show_s, site.devices["massena-boom"].no_show_s) == (20.0, 30.0)


def test_a_site_needs_no_route(tmp_path: Path) -> None:
    text = (shipped_sites() / "nice-promenade" / "site.yaml").read_text(encoding="utf-8")
    (tmp_path / "site.yaml").write_text(text[: text.index("\nroutes:")], encoding="utf-8")
    assert load_site(tmp_path).routes == {}
