"""The PDF has the figures, the marks on every page, and the same bytes each time. What fpdf2 does for that is pinned here."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import re
import subprocess
import sys
from importlib.resources import as_file, files
from xml.etree import ElementTree

import pypdfium2
import pytest
from fontTools.ttLib import TTFont

from controller.commissioning.record import Defect, Outcome, Person, Stage, StepRecord, UnitRecord, Words
from controller.commissioning.report import signs
from controller.commissioning.report.contents import document
from controller.commissioning.report.html import page
from controller.commissioning.report.pdf import FACES, LACKING, _Sheet, pdf
from controller.commissioning.report.plain import fingerprint_of
from controller.commissioning.texts import LANGUAGES, catalogue
from tests.commissioning.sample import FULL, RTL, WELL
from tests.docs.pages import ROOT

DRAW = """
import hashlib
from controller.commissioning.record import Defect, Outcome, Person, Stage, StepRecord, UnitRecord, Words
from controller.commissioning.report.contents import document
from controller.commissioning.report.html import page
from controller.commissioning.report.pdf import pdf
from tests.commissioning.sample import WELL
print(hashlib.sha256(pdf(document(WELL, "fr"))).hexdigest())
"""


def pages(content: bytes) -> list[str]:
    drawn = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in drawn]
    finally:
        drawn.close()


@pytest.fixture(scope="module")
def full() -> bytes:
    return pdf(document(FULL, "en"))


def test_the_text_of_the_pdf_has_the_figures_and_the_names(full: bytes):
    text = " ".join("\n".join(pages(full)).split())
    for each in (
        "raising 12 4.58 s 4.63 s ✗ 15.8 s ✗ 15.8 s R01: 3 s – 15 s", "way blocked 2.32 s", "lamp di5 · ✗ FAILED",
        "3 of 4 overrides were found back", "Élodie Marchand-Lô", "Gian Piero D’Agostino", "Zoë Çelik",
        "Métropole Nice Côte d'Azur",
        "1300–1323", "1466:ab12", "efo_ignores_presence_accepted: Mme Hélène Garçon", FULL.id, fingerprint_of(FULL),
    ):  # fmt: skip
        assert each in text, each


def test_every_page_is_marked_tied_to_its_record_and_numbered(full: bytes):
    found = pages(full)
    assert len(found) > 5
    for number, text in enumerate(found, 1):
        assert "▲ SIMULATED ▲" in text
        assert text.count("SIMULATED") >= 2  # the large one behind
        assert fingerprint_of(FULL) in text
        assert f"page {number} of {len(found)}" in " ".join(text.split())


def test_an_unattended_run_is_marked_on_every_page_and_a_real_attended_one_on_none():
    alone = pages(pdf(document(dataclasses.replace(WELL, unattended=True), "it")))
    assert all("▲ SENZA PRESIDIO ▲" in text for text in alone)
    assert "▲" not in "".join(pages(pdf(document(WELL, "it"))))


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_same_record_gives_the_same_bytes_in_another_process(seed: str):
    environment = {"PYTHONPATH": f"{ROOT}:{':'.join(sys.path)}", "PYTHONHASHSEED": seed, "TZ": f"Etc/GMT+{seed}"}
    drawn = subprocess.run(
        [sys.executable, "-c", DRAW], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert drawn.stdout.strip() == hashlib.sha256(pdf(document(WELL, "fr"))).hexdigest()


def test_the_files_only_time_is_the_records(full: bytes):
    assert set(re.findall(rb"D:[0-9]{8,}[^)]*", full)) == {b"D:20261127095800Z"}


def test_a_record_without_a_time_is_drawn():
    content = pdf(document(dataclasses.replace(WELL, ended="soon", began="2026-11-27"), "en"))
    assert b"D:19700101000000Z" in content


def test_a_record_of_extremes_is_drawn():
    """Rows are cut to what fits a page, and no figure is too large or too small for a picture."""
    wide, travel = "W" * 3000, FULL.travels[0]
    units = [UnitRecord(f"{number}{wide}", wide, wide, simulated=True, identity={wide: [wide]}) for number in range(4)]
    check = dataclasses.replace(FULL.steps[0].checks[0], criterion=wide, at=wide, what=Words(wide, {wide: wide}))
    check = dataclasses.replace(check, evidence=tuple(range(0, 6000, 2)))
    step = StepRecord(id=wide, section=wide, began=wide, ended="", outcome=Outcome.PASSED, checks=(check,))
    gaps = {"text": Words("no.such", {"self": 1, "key": 2}), "key": "k", "self": "s"}
    subject = dataclasses.replace(FULL.subject, title=wide, device=wide, site="", units=tuple(units))
    odd = dataclasses.replace(
        FULL, id=wide, journal_head=wide, tester=Person(wide, wide), versions={wide: wide}, overrides=(),
        subject=dataclasses.replace(subject, wiring={wide: f"{wide}.{wide}"}),
        steps=(step,), instruments=("\n" * 4000, ""), defects=(Defect(step=wide, text=Words("report.typed", gaps)),),
        travels=tuple(dataclasses.replace(travel, seconds=seconds) for seconds in (-3.0, 0.0, 1e-320, 1e308)),
        emergency=tuple(Stage(name=wide, seconds=seconds) for seconds in (-5.0, 1e300, None)),
        interlocks=tuple(dataclasses.replace(row, rule=wide, device=wide, because=wide) for row in FULL.interlocks),
    )  # fmt: skip
    drawn = document(odd, "fr")
    text = " ".join("\n".join(pages(pdf(drawn))).split())
    assert "no.such key=2 self=1" in text
    ElementTree.fromstring(page(drawn))
    assert "nan" not in page(drawn)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_character_of_the_catalogue_is_in_the_font(language: str):
    """A sign that is missing is drawn in `signs`, or the words are put otherwise."""
    sheet = _Sheet(document(WELL, language))
    lacking = {key: found for key, texts in catalogue().items() if (found := sheet.lacking(texts[language]))}
    assert lacking == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_in_letters_that_the_font_has_lacks_nothing_and_says_nothing_of_it(language: str):
    plain = dataclasses.replace(FULL, deviations=("Łódź Ψ Ж ≤ ≥ →",), subject=WELL.subject, unattended=True)
    text = "".join(pages(pdf(document(plain, language))))
    assert "Łódź Ψ Ж ≤ ≥ →" in text
    assert LACKING not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_character_that_the_font_lacks_is_replaced_and_every_page_says_where_it_is(language: str):
    name = "יוסי 门 🚧"
    asked = dataclasses.replace(WELL, deviations=(name,), tester=Person(RTL))
    content, drawn = pdf(document(asked, language)), document(asked, language)
    shown = pages(content)
    assert f"{LACKING * 4} {LACKING} {LACKING}" in "".join(shown)
    for text in shown:
        assert drawn.lacks.format(sign=LACKING) in text
        assert {"report.html", "report.json"} <= set(re.findall(r"report\.[a-z]+", text.split(LACKING)[-1]))
    assert not set(name + RTL) & set("".join(shown)) - set(" ()")
    assert name in page(drawn)
    assert RTL in page(drawn)
    with io.BytesIO(content) as file, contextlib.closing(pypdfium2.PdfDocument(file)) as opened:
        assert opened.get_metadata_dict()["Author"] == RTL


def test_an_accent_typed_apart_from_its_letter_is_one_character_with_it():
    text = "".join(pages(pdf(document(dataclasses.replace(WELL, deviations=("Zoe\u0308 C\u0327elik",)), "en"))))
    assert "Zoë Çelik" in text
    assert LACKING not in text


def test_no_line_after_a_coloured_sign_is_lost(full: bytes):
    """What fpdf2 2.8.9 does with a sign from a second font: the next line of the banner had no font, and was not to be seen."""
    told = document(FULL, "en").banners[0].text
    assert " ".join(f"▲ {told}".split()) in " ".join(pages(full)[0].split())


def test_every_sign_has_a_shape_of_its_own():
    """A glyph that is empty, or the box that stands for none, would be there as text all the same."""
    with as_file(files("ttf_opensans") / "ttf") as folder:
        for style in FACES.values():
            font = TTFont(io.BytesIO(signs.face(folder / style)))
            glyphs = [font["glyf"][font.getBestCmap()[ord(sign)]] for sign in signs.SIGNS]
            shapes = [tuple(glyph.getCoordinates(font["glyf"])[0]) for glyph in glyphs]
            assert len(set(shapes)) == len(signs.SIGNS)
            for glyph, sign in zip(glyphs, signs.SIGNS, strict=True):
                assert glyph.yMax - glyph.yMin > 0.4 * font["head"].unitsPerEm, sign
                assert 0 <= glyph.xMin < glyph.xMax <= signs.SIGNS[sign][0] * font["head"].unitsPerEm / signs.EM, sign


def test_the_signs_take_no_place_of_a_letter():
    with as_file(files("ttf_opensans") / "ttf") as folder:
        for style in FACES.values():
            before, after = TTFont(folder / style), TTFont(io.BytesIO(signs.face(folder / style)))
            assert before.getBestCmap().items() <= after.getBestCmap().items()
            assert set(after.getBestCmap()) - set(before.getBestCmap()) == {ord(sign) for sign in signs.SIGNS}
            assert all(before["hmtx"][name] == after["hmtx"][name] for name in before.getGlyphOrder())


def test_nothing_is_drawn_outside_the_page(full: bytes):
    drawn = pypdfium2.PdfDocument(full)
    try:
        for page in drawn:
            width, height = page.get_size()
            for thing in page.get_objects():
                left, bottom, right, top = thing.get_bounds()
                assert left >= 0
                assert bottom >= 0
                assert right <= width
                assert top <= height
    finally:
        drawn.close()
