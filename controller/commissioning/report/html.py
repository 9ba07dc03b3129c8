"""A report as one HTML page: its style and its pictures are in it, and it fetches and runs nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import count

from controller.commissioning.report.document import (
    Banner,
    Block,
    Cell,
    Document,
    Heading,
    Paragraph,
    Picture,
    Table,
    visible,
)
from controller.commissioning.report.style import SHEET
from controller.commissioning.report.svg import draw

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may fetch or run for it: nothing, even if a text of the record got out of its place."""


def page(document: Document) -> str:
    """Return the page, as UTF-8 text that is XML too."""
    return "".join(f"{line}\n" for line in _lines(document))


def text(value: str) -> str:
    """Escape `value` for any place in the page."""
    return escape(visible(value))


def _lines(document: Document) -> Iterator[str]:
    title = text(document.title)
    yield "<!DOCTYPE html>"
    yield f'<html lang="{document.language}" xmlns="http://www.w3.org/1999/xhtml">'
    yield '<head>\n<meta charset="utf-8"/>'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"/>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
    yield f'<meta name="rempart-record" content="{text(document.tie)}"/>'
    yield f"<title>{title}</title>\n<style>{SHEET}{_margins(document)}</style>\n</head>\n<body>"
    if document.banners:
        yield f'<div class="water" aria-hidden="true">{text(_short(document.banners))}</div>'
    yield "<header>"
    yield from (f'<p class="banner"><strong>▲ {text(one.text)}</strong></p>' for one in document.banners)
    yield f"<h1>{title}</h1>"
    yield f'<p class="result {document.result.mark}">{text(document.result.text)}</p>\n</header>\n<main>'
    numbers = count(1)
    for block in document.blocks:
        yield from _block(block, numbers)
    yield f"</main>\n<footer><p>{text(document.tie)}</p></footer>\n</body>\n</html>"


def _short(banners: tuple[Banner, ...]) -> str:
    return " · ".join(one.short for one in banners)


def _margins(document: Document) -> str:
    """Return what stands in the margins of each printed page. A text in CSS is quoted by code points."""
    before, after = (_css(visible(part)) for part in document.page.replace("{pages}", "{page}").split("{page}")[:2])
    boxes = f'@bottom-right{{content:"{before}"counter(page)"{after}"counter(pages)}}'
    boxes += f'@bottom-left{{content:"{_css(visible(document.tie))}"}}'
    if document.banners:
        boxes += f'@top-center{{content:"▲ {_css(visible(_short(document.banners)))} ▲"}}'
    return f"@page{{{boxes}}}"


def _css(value: str) -> str:
    return "".join(one if one.isalnum() or one == " " else f"\\{ord(one):06x}" for one in value)


def _block(block: Block, numbers: Iterator[int]) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"<h{block.level + 1}>{text(block.text)}</h{block.level + 1}>"
    elif isinstance(block, Paragraph):
        lines = "<br/>".join(text(line) for line in block.text.split("\n"))
        yield f'<p class="{block.mark}" dir="auto">{lines}</p>'
    elif isinstance(block, Picture):
        yield f"<figure>\n{draw(block, next(numbers))}"
        yield f"<figcaption><strong>{text(block.title)}.</strong> {text(block.described)}</figcaption>\n</figure>"
    else:
        yield from _table(block)


def _table(table: Table) -> Iterator[str]:
    whole = sum(table.widths)
    yield f"<table>\n<caption>{text(table.caption)}</caption>"
    yield (
        "<colgroup>" + "".join(f'<col style="width:{100 * one / whole:.1f}%"/>' for one in table.widths) + "</colgroup>"
    )
    yield (
        "<thead><tr>" + "".join(f'<th scope="col">{text(head)}</th>' for head in table.heads) + "</tr></thead>\n<tbody>"
    )
    for row in table.rows:
        first, *others = row
        cells = "".join(f"<td{_class(cell)}>{_lined(cell)}</td>" for cell in others)
        yield f'<tr><th scope="row"{_class(first)}>{_lined(first)}</th>{cells}</tr>'
    yield "</tbody>\n</table>"


def _class(cell: Cell) -> str:
    return f' class="{cell.mark}"' if cell.mark != "plain" else ""


def _lined(cell: Cell) -> str:
    lines = "<br/>".join(text(line) for line in cell.text.split("\n"))
    return f"<bdi>{lines}</bdi>"
