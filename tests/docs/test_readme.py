"""The README stays short, names its two commands and shows the picture that the project makes of itself."""

from __future__ import annotations

from xml.etree import ElementTree

from ruamel.yaml import YAML

from tests.docs.pages import ROOT, read

README = read(ROOT / "README.md")
PICTURE = ROOT / "docs" / "images" / "watch.svg"
SHIPPED = ROOT / "sites" / "nice-promenade" / "site.yaml"
MOVERS = ("bollard", "barrier", "road_blocker")


def test_it_fits_on_two_screens():
    assert len(README.path.read_text("utf-8").splitlines()) < 150


def test_its_two_commands_are_targets_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    typed = [line for block in README.blocks for line in block.text.splitlines() if line.startswith("make ")]
    assert typed == ["make demo", "make test"]
    assert all(f"\n{command.removeprefix('make ')}:" in makefile for command in typed)


def test_it_says_what_rempart_is_not():
    assert "not the safety function" in README.prose


def test_its_picture_is_of_the_shipped_site_and_says_that_the_field_is_simulated():
    assert any(target == "docs/images/watch.svg" for _, target in README.links())
    shown = "".join(ElementTree.parse(PICTURE).getroot().itertext()).replace("\xa0", " ")
    site = YAML(typ="safe").load(SHIPPED)
    movers = [name for name, device in site["devices"].items() if device["kind"] in MOVERS]
    missing = [text for text in ("SIMULATED FIELD", site["title"], *movers) if text not in shown]
    assert not missing, f"not in the picture, draw it anew with `make picture`: {', '.join(missing)}"


def test_its_picture_fetches_nothing_from_elsewhere():
    text = PICTURE.read_text("utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "http" not in text
