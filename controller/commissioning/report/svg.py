"""A picture as SVG inside a page. Pure."""

from __future__ import annotations

from html import escape

from controller.commissioning.report.document import WIDTH, Area, Label, Line, Picture, Style, visible

STROKES = {
    Style.AXIS: 'stroke="#1b1f24" stroke-width=".3"',
    Style.GRID: 'stroke="#d5dae0" stroke-width=".2"',
    Style.LIMIT: 'stroke="#b00020" stroke-width=".5" stroke-dasharray="1.5 1"',
    Style.LEVEL: 'stroke="#0b4f9e" stroke-width=".6"',
    Style.FIGURE: 'stroke="#1b1f24" stroke-width=".4" stroke-dasharray=".5 .8"',
}
FILLS = {
    Style.BAR: 'fill="#4a7fb5"',
    Style.BAD: 'fill="#fff" stroke="#b00020" stroke-width=".6"',
    Style.ALLOWED: 'fill="#e3f1e6"',
}


def draw(picture: Picture, number: int) -> str:
    """Return the picture; `number` tells it from the others of its page."""
    shapes = "\n".join(map(_shape, picture.shapes))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {picture.height:.2f}" role="img" '
        f'aria-labelledby="picture-{number}" font-size="2.9" fill="#1b1f24">'
        f'<title id="picture-{number}">{_text(f"{picture.title}. {picture.described}")}</title>\n{shapes}\n</svg>'
    )


def _shape(shape: Line | Area | Label) -> str:
    if isinstance(shape, Line):
        points = " ".join(f"{x:.2f},{y:.2f}" for x, y in shape.points)
        return f'<polyline fill="none" {STROKES[shape.style]} points="{points}"/>'
    if isinstance(shape, Area):
        size = f'x="{shape.x:.2f}" y="{shape.y:.2f}" width="{max(shape.width, 0):.2f}" height="{shape.height:.2f}"'
        return f"<rect {FILLS[shape.style]} {size}/>"
    bold = ' font-weight="bold"' if shape.bold else ""
    return f'<text x="{shape.x:.2f}" y="{shape.y:.2f}" text-anchor="{shape.at}"{bold}>{_text(shape.text)}</text>'


def _text(value: str) -> str:
    return escape(visible(value))
