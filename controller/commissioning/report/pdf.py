"""A report as a PDF, from the same document as the HTML page. The same document gives the same bytes.

The font is Open Sans, from a package: Latin, Greek and Cyrillic. Signs that it lacks are drawn (`signs`). Any other character, as
of a name in Hebrew, is `LACKING`, and each page then says that the other files have it; nothing is shaped. What is relied on of
fpdf2 (no time of its own, no chance) is pinned by tests/commissioning/test_pdf.py.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import as_file, files
from io import BytesIO
from typing import Any, cast
from unicodedata import normalize

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, TableCellFillMode
from fpdf.fonts import FontFace, TTFFont

from controller.commissioning.report import signs
from controller.commissioning.report.document import (
    Banner,
    Block,
    Document,
    Heading,
    Mark,
    Paragraph,
    Picture,
    Table,
    visible,
)
from controller.commissioning.report.pdfdraw import draw

FACES = {"": "OpenSans-Regular.ttf", "B": "OpenSans-Bold.ttf"}
FONT = "opensans"
LACKING = "\ufffd"
INK, SOFT, RED, PALE, HEAD, RULE = (
    (27, 31, 36),
    (87, 96, 106),
    (176, 0, 32),
    (247, 217, 221),
    (238, 241, 244),
    (195, 201, 208),
)
MARKS = {Mark.PLAIN: INK, Mark.GOOD: (11, 107, 46), Mark.BAD: RED, Mark.OPEN: (122, 77, 0)}
MARGIN, TOP, BOTTOM, NUMBER = 17.0, 20.0, 18.0, 30.0
"""Millimetres; `NUMBER` of each page's last line are for its number."""
WATER_PT, WATER_WIDTH = 60.0, 230.0


def pdf(document: Document) -> bytes:
    """Return the bytes of the file."""
    sheet = _Sheet(document)
    sheet.add_page()
    sheet.front(document)
    for block in document.blocks:
        _block(sheet, block)
    return bytes(sheet.output())


class _Sheet(FPDF):
    """A4 with the marks and the tie of the report on every page."""

    def __init__(self, document: Document) -> None:
        super().__init__(format="A4", unit="mm")
        # It subsets the fonts, and tells what it does.
        logging.getLogger("fontTools.subset").setLevel(logging.ERROR)
        self._told = document
        self._known = self._fonts()
        self._lacks = any(self.lacking(text) for text in _texts(asdict(document)))
        self.set_margins(MARGIN, TOP, MARGIN)
        self.set_auto_page_break(True, BOTTOM)
        self.set_creation_date(_date(document.made))
        self.set_title(visible(document.title))
        self.set_author(visible(document.author))
        self.set_subject(visible(document.tie))
        self.set_lang(document.language)

    def _fonts(self) -> frozenset[int]:
        """Bring the font, and return the code points that it has."""
        with as_file(files("ttf_opensans") / "ttf") as folder:
            faces = {style: BytesIO(signs.face(folder / name)) for style, name in FACES.items()}
        known = []
        for style, face in faces.items():
            # `add_font` takes a path alone; the class takes whatever fontTools reads.
            font = TTFFont(self, cast(Any, face), f"{FONT}{style}", style)
            self.fonts[font.fontkey] = font
            known.append(frozenset(font.cmap))
        return frozenset.intersection(*known)

    def text_of(self, text: str) -> str:
        """Return `text` as the font can show it."""
        return "".join(one if one == "\n" or ord(one) in self._known else LACKING for one in _composed(text))

    def lacking(self, text: str) -> set[str]:
        """Return the characters of `text` that the font does not have."""
        return {one for one in _composed(text) if one != "\n" and ord(one) not in self._known}

    def ink(self, colour: tuple[int, int, int], size: float, style: str = "") -> None:
        """Choose the font and the colour of what follows."""
        self.set_font(FONT, style, size)
        self.set_text_color(*colour)

    def paragraph(self, text: str, height: float = 4.4) -> None:
        """Write lines from margin to margin."""
        self.multi_cell(0, height, self.text_of(text), align="L", new_x="LMARGIN", new_y="NEXT")

    def header(self) -> None:
        """Mark the page."""
        if not self._told.banners:
            return
        short = self.text_of(" · ".join(one.short for one in self._told.banners))
        self.ink(PALE, WATER_PT, "B")
        self.set_font_size(min(WATER_PT, WATER_PT * WATER_WIDTH / self.get_string_width(short)))
        with self.rotation(50, self.w / 2, self.h / 2):
            self.text((self.w - self.get_string_width(short)) / 2, self.h / 2 + 8, short)
        self.ink(RED, 13, "B")
        self.set_y(8)
        self.cell(0, 8, f"▲ {short} ▲", align="C")
        self.set_y(TOP)

    def footer(self) -> None:
        """Tie the page to its record."""
        self.set_y(-13)
        self.ink(SOFT, 6)
        self.cell(0, 4, self.text_of(self._told.tie)[:130])
        number = self._told.page.format(page=self.page_no(), pages="{nb}")
        self.set_y(-9)
        if self._lacks:
            self.cell(self.epw - NUMBER, 4, self.text_of(self._told.lacks.format(sign=LACKING)))
        self.cell(0, 4, number, align="R")

    def front(self, document: Document) -> None:
        """Write the marks, the title and the result."""
        for banner in document.banners:
            self._banner(banner)
        self.ink(INK, 18, "B")
        self.paragraph(document.title, 8)
        self.ln(1)
        self.ink(MARKS[document.result.mark], 14, "B")
        self.set_draw_color(*MARKS[document.result.mark])
        result = self.text_of(document.result.text)
        self.cell(self.get_string_width(result) + 6, 9, result, border=1, align="C", new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def _banner(self, banner: Banner) -> None:
        self.ink((255, 255, 255), 11, "B")
        self.set_fill_color(*RED)
        self.multi_cell(
            0, 6, self.text_of(f"▲ {banner.text}"), fill=True, padding=2, align="L", new_x="LMARGIN", new_y="NEXT"
        )
        self.ln(1.5)

    def room(self, height: float) -> None:
        """Begin a page where less than `height` is left of this one."""
        if self.will_page_break(height):
            self.add_page()


def _block(sheet: _Sheet, block: Block) -> None:
    if isinstance(block, Heading):
        sheet.room(46 if block.level == 1 else 40)
        sheet.ln(4 if block.level == 1 else 2)
        sheet.ink(INK, 13 if block.level == 1 else 10.5, "B")
        sheet.paragraph(block.text, 6)
        sheet.ln(1)
    elif isinstance(block, Paragraph):
        sheet.ink(MARKS[block.mark], 9, "B" if block.mark is Mark.BAD else "")
        sheet.paragraph(block.text)
        sheet.ln(1)
    elif isinstance(block, Picture):
        sheet.room(block.height + 9)
        draw(sheet, block, sheet.text_of)
        sheet.ink(SOFT, 7.5)
        sheet.paragraph(f"{block.title}. {block.described}", 3.8)
        sheet.ln(2)
    else:
        _table(sheet, block)


def _table(sheet: _Sheet, table: Table) -> None:
    sheet.room(24)
    sheet.ink(SOFT, 8, "B")
    sheet.paragraph(table.caption, 4)
    sheet.ln(0.5)
    sheet.ink(INK, 7.5)
    sheet.set_draw_color(*RULE)
    sheet.set_fill_color(0)  # fpdf2 takes black, its default, for "not filled", and the mark behind is to be seen
    sheet.set_line_width(0.2)
    faces = {mark: FontFace(color=colour, emphasis="B" if mark is Mark.BAD else None) for mark, colour in MARKS.items()}
    with sheet.table(
        col_widths=table.widths, text_align="L", line_height=3.8, padding=0.9,
        headings_style=FontFace(emphasis="B", fill_color=HEAD),
        borders_layout=TableBordersLayout.ALL, cell_fill_mode=TableCellFillMode.NONE, wrapmode="WORD", v_align="T",
    ) as drawn:  # fmt: skip
        drawn.row([sheet.text_of(head) for head in table.heads])
        for row in table.rows:
            cells = drawn.row()
            for cell in row:
                cells.cell(sheet.text_of(cell.text), style=faces[cell.mark])
    sheet.ln(2)


def _composed(text: str) -> str:
    """Return `text` with an accent typed apart from its letter as one character with it, for which the font has a shape."""
    return normalize("NFC", visible(text))


def _texts(value: Any) -> Iterator[str]:
    """Yield every text of a plain value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)


def _date(made: str) -> datetime:
    """Return the record's own time: the file has no other. What is no time is the epoch."""
    try:
        return datetime.fromisoformat(made).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)
