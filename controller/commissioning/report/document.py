"""A report as values: blocks of text, tables and pictures, which each face (HTML, PDF, terminal) draws in its own way. Pure.

Pictures are in millimetres from the upper left corner, at most `WIDTH` wide, so that they fit an A4 page. A style names a
meaning, never a colour; where it is a judgement, the text beside it says the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from unicodedata import category

WIDTH = 176.0
"""Millimetres between the margins of an A4 page."""


class Mark(StrEnum):
    """What a cell or a paragraph is, beside its words."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    OPEN = "open"


class Style(StrEnum):
    """What a line or an area of a picture is."""

    AXIS = "axis"
    GRID = "grid"
    BAR = "bar"
    BAD = "bad"
    ALLOWED = "allowed"
    LIMIT = "limit"
    LEVEL = "level"
    FIGURE = "figure"


@dataclass(frozen=True, slots=True)
class Line:
    """A line through two or more points."""

    points: tuple[tuple[float, float], ...]
    style: Style


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    style: Style


@dataclass(frozen=True, slots=True)
class Label:
    """One line of text; `y` is its base line, `at` which end of it stands at `x`: start, middle or end."""

    x: float
    y: float
    text: str
    at: str = "start"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing, its title, and what it shows in words."""

    title: str
    described: str
    height: float
    shapes: tuple[Line | Area | Label, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is below the document's title."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, of several lines where its text has them."""

    text: str
    mark: Mark = Mark.PLAIN


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table."""

    text: str
    mark: Mark = Mark.PLAIN


@dataclass(frozen=True, slots=True)
class Table:
    """A table under its caption; `widths` are proportions. The first column heads its rows."""

    caption: str
    heads: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Banner:
    """A mark of the whole report, which stands on every page: large and short, and in a sentence."""

    short: str
    text: str


Block = Heading | Paragraph | Table | Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report, ready to be drawn. `tie` names the record on every page, `made` is its time (RFC 3339)."""

    language: str
    title: str
    tie: str
    made: str
    author: str
    page: str
    """The words of a page's number, with the gaps `{page}` and `{pages}`."""
    lacks: str
    """What a face says that cannot show every character, with the gap `{sign}`: what stands for one."""
    result: Cell
    banners: tuple[Banner, ...]
    blocks: tuple[Block, ...]


def visible(text: str) -> str:
    """Return `text` with what would steer a page or a terminal unseen (control, direction, tag characters) as its code point."""
    return "".join(one if one == "\n" or category(one) not in _UNSEEN else f"⟨U+{ord(one):04X}⟩" for one in text)


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
