"""A report as plain lines for a terminal, from the same document as the pages. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from controller.commissioning.report.document import Block, Document, Heading, Paragraph, Picture, Table, visible

WIDTH_LEAST, COLUMN_LEAST = 60, 6


def lines(document: Document, width: int = 100) -> Iterator[str]:
    """Yield the report in lines of at most `width` columns; of a picture its title and what it shows."""
    width = max(width, WIDTH_LEAST)
    for banner in document.banners:
        yield from _wrapped(f"▲ {banner.text}", width)
    yield from ("", *_wrapped(document.title, width), "")
    yield from _wrapped(document.result.text, width)
    for block in document.blocks:
        yield from _block(block, width)
    yield from ("", *_wrapped(document.tie, width))


def _block(block: Block, width: int) -> Iterator[str]:
    if isinstance(block, Heading):
        under = "=" if block.level == 1 else "-"
        told = _wrapped(block.text, width)
        yield from ("", *told, under * max(map(len, told)))
    elif isinstance(block, Paragraph):
        yield from _wrapped(block.text, width)
    elif isinstance(block, Picture):
        yield from ("", *_wrapped(f"[{block.title}. {block.described}]", width))
    else:
        yield from _table(block, width)


def _table(table: Table, width: int) -> Iterator[str]:
    yield from ("", *_wrapped(table.caption, width))
    columns = _columns(table, width)
    yield from _row(table.heads, columns)
    yield "  ".join("-" * column for column in columns)
    for row in table.rows:
        yield from _row([cell.text for cell in row], columns)


def _columns(table: Table, width: int) -> list[int]:
    """Give each column what it needs, and cut the widest where all of it is too much."""
    rows = [table.heads, *([cell.text for cell in row] for row in table.rows)]
    need = [
        max(len(line) for text in column for line in visible(text).split("\n")) for column in zip(*rows, strict=True)
    ]
    room = width - 2 * (len(need) - 1)
    while sum(need) > room and max(need) > COLUMN_LEAST:
        widest = need.index(max(need))
        second = max([each for each in need if each < need[widest]], default=COLUMN_LEAST)
        need[widest] = max(need[widest] - (sum(need) - room), second - 1, COLUMN_LEAST)
    return [max(each, 1) for each in need]


def _row(texts: Sequence[str], columns: Sequence[int]) -> Iterator[str]:
    cells = [_wrapped(text, column) for text, column in zip(texts, columns, strict=True)]
    for parts in zip_longest(*cells, fillvalue=""):
        yield "  ".join(f"{part:<{column}}" for part, column in zip(parts, columns, strict=True)).rstrip()


def _wrapped(text: str, width: int) -> list[str]:
    told = [line for each in visible(text).split("\n") for line in textwrap.wrap(each, width) or [""]]
    return told or [""]
