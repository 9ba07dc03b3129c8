"""A picture on a page of a PDF."""

from __future__ import annotations

from collections.abc import Callable

from fpdf import FPDF

from controller.commissioning.report.document import Area, Label, Line, Picture, Style

SIZE_PT = 8.0
STROKES: dict[Style, tuple[tuple[int, int, int], float, tuple[float, float]]] = {
    Style.AXIS: ((27, 31, 36), 0.3, (0, 0)),
    Style.GRID: ((213, 218, 224), 0.2, (0, 0)),
    Style.LIMIT: ((176, 0, 32), 0.5, (1.5, 1)),
    Style.LEVEL: ((11, 79, 158), 0.6, (0, 0)),
    Style.FIGURE: ((27, 31, 36), 0.4, (0.5, 0.8)),
}
FILLS = {Style.BAR: (74, 127, 181), Style.BAD: (255, 255, 255), Style.ALLOWED: (227, 241, 230)}


def draw(sheet: FPDF, picture: Picture, text_of: Callable[[str], str]) -> None:
    """Draw at the left margin, from where the sheet is, and leave it below the picture."""
    left, top = sheet.l_margin, sheet.get_y()
    for shape in picture.shapes:
        if isinstance(shape, Line):
            colour, width, dash = STROKES[shape.style]
            sheet.set_draw_color(*colour)
            sheet.set_line_width(width)
            sheet.set_dash_pattern(*dash)
            sheet.polyline([(left + x, top + y) for x, y in shape.points])
            sheet.set_dash_pattern()
        elif isinstance(shape, Area):
            _area(sheet, shape, left, top)
        else:
            _label(sheet, shape, left, top, text_of(shape.text))
    sheet.set_y(top + picture.height)


def _area(sheet: FPDF, area: Area, left: float, top: float) -> None:
    sheet.set_fill_color(*FILLS[area.style])
    bad = area.style is Style.BAD
    if bad:
        sheet.set_draw_color(176, 0, 32)
        sheet.set_line_width(0.6)
    sheet.rect(left + area.x, top + area.y, max(area.width, 0.01), area.height, style="DF" if bad else "F")


def _label(sheet: FPDF, label: Label, left: float, top: float, text: str) -> None:
    sheet.set_font(style="B" if label.bold else "", size=SIZE_PT)
    sheet.set_text_color(27, 31, 36)
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[label.at] * sheet.get_string_width(text)
    sheet.text(left + label.x - shift, top + label.y, text)
