"""The page is whole XML, fetches and runs nothing, and has every text where it belongs."""

from __future__ import annotations

import dataclasses
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2
import pytest

from controller.commissioning.report.contents import document
from controller.commissioning.report.document import visible
from controller.commissioning.report.html import page
from controller.commissioning.report.plain import fingerprint_of
from controller.commissioning.texts import LANGUAGES
from tests.commissioning.sample import FULL, HOSTILE, WELL

X = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "div", "header", "main", "footer", "p", "strong", "h1", "h2", "h3", "br",
    "bdi",
    "table", "caption", "colgroup", "col", "thead", "tbody", "tr", "th", "td", "figure", "figcaption",
}  # fmt: skip


def tree(language: str = "en") -> ElementTree.Element:
    return ElementTree.fromstring(page(document(FULL, language)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_well_formed_and_in_its_language(language: str):
    root = tree(language)
    assert root.attrib["lang"] == language
    names = {element.tag for element in root.iter()}
    assert names <= {X + name for name in ALLOWED} | {
        SVG + name for name in ("svg", "title", "polyline", "rect", "text")
    }


def test_the_page_refers_to_nothing_outside_and_runs_nothing():
    for element in tree().iter():
        assert not {"href", "src", "data", "action", "background", "srcset"} & set(element.attrib)
        assert not [name for name in element.attrib if name.startswith("on")]
    style = "".join(element.text or "" for element in tree().iter(f"{X}style"))
    assert not re.search(r"url\(|@import|@font-face|expression", style)
    metas = [element.attrib for element in tree().iter(f"{X}meta")]
    assert {
        "http-equiv": "Content-Security-Policy",
        "content": "default-src 'none'; style-src 'unsafe-inline'",
    } in metas


def test_hostile_text_is_text():
    told = "".join(tree().itertext())
    assert visible(HOSTILE) in told
    assert not [one for one in page(document(FULL, "en")) if ord(one) < 32 and one != "\n"]


def test_every_table_has_a_caption_and_heads_and_every_picture_a_description():
    root = tree()
    tables = list(root.iter(f"{X}table"))
    assert len(tables) > 12
    for table in tables:
        assert table.find(f"{X}caption") is not None
        assert [head.attrib["scope"] for head in table.iter(f"{X}th")].count("col") >= 1
        rows = [len(row) for row in table.iter(f"{X}tr")]
        assert len(set(rows)) == 1
    pictures = list(root.iter(f"{SVG}svg"))
    titles = [picture.find(f"{SVG}title") for picture in pictures]
    assert len(pictures) > 3
    assert all(title is not None and len(title.text or "") > 20 for title in titles)
    assert len({title.attrib["id"] for title in titles if title is not None}) == len(pictures)


def test_the_page_names_its_record_and_its_marks():
    text = page(document(FULL, "fr"))
    assert f'<meta name="rempart-record" content="enregistrement {FULL.id}, SHA-256 {fingerprint_of(FULL)}"/>' in text
    assert text.count("SIMULÉ") >= 3
    assert '@top-center{content:"▲ SIMULÉ ▲"}' in text
    well = page(document(WELL, "fr"))
    assert "SIMULÉ" not in well
    assert 'class="water"' not in well


def test_a_text_cannot_leave_the_style():
    odd = dataclasses.replace(FULL, id='x"}</style><script>alert(1)</script>')
    text = page(document(odd, "en"))
    ElementTree.fromstring(text)
    assert text.count("<script") == 0
    assert text.count("</style>") == 1


def test_the_same_record_gives_the_same_page():
    turned = dataclasses.replace(FULL, versions=dict(reversed([*FULL.versions.items()])))
    assert page(document(turned, "it")) == page(document(FULL, "it"))


def test_a_browser_prints_the_mark_on_every_page(require: Callable[[str], Path], tmp_path: Path):
    (tmp_path / "page.html").write_text(page(document(FULL, "en")), "utf-8")
    command = [
        str(require("chromium")), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
        "--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'page.pdf'}", (tmp_path / "page.html").as_uri(),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    printed = pypdfium2.PdfDocument(tmp_path / "page.pdf")
    try:
        texts = [one.get_textpage().get_text_range() for one in printed]
    finally:
        printed.close()
    assert len(texts) > 4
    assert all("▲ SIMULATED ▲" in text for text in texts)
    assert all(fingerprint_of(FULL) in text.replace("\r\n", "") for text in texts)
