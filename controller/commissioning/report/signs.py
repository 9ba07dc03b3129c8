"""The signs of a report that its font lacks, drawn, for the PDF. The same bytes each time.

Open Sans has the letters of a report, and none of the signs that stand beside a judgement. A sign that the catalogue begins to
use is added here, or the words are put otherwise; tests/commissioning/test_pdf.py names each that is missing.
"""

from __future__ import annotations

import math
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph

Point = tuple[float, float]
Shape = tuple[Point, ...]

EM = 1000
"""Of these units a line of text is high."""
THICK = 110.0


def _stroke(*points: Point) -> tuple[Shape, ...]:
    """Return the line through `points`, as one rectangle for each part of it."""
    shapes = []
    for (x, y), (to_x, to_y) in pairwise(points):
        half = THICK / 2 / math.hypot(to_x - x, to_y - y)
        over, up = (to_x - x) * half, (to_y - y) * half
        shapes.append(((x - up, y + over), (to_x - up, to_y + over), (to_x + up, to_y - over), (x + up, y - over)))
    return tuple(shapes)


_RING = tuple(
    (365 + 245 * math.cos(turn), 355 + 245 * math.sin(turn)) for turn in (n * math.tau / 32 for n in range(34))
)
SIGNS: dict[str, tuple[int, tuple[Shape, ...]]] = {
    "✓": (760, _stroke((90, 350), (310, 80), (280, 80), (670, 690))),
    "✗": (730, (*_stroke((110, 90), (620, 640)), *_stroke((110, 640), (620, 90)))),
    "○": (730, _stroke(*_RING)),
    "■": (730, (((90, 80), (90, 630), (640, 630), (640, 80)),)),
    "▲": (800, (((60, 20), (400, 690), (740, 20)),)),
    "→": (1000, (*_stroke((80, 340), (880, 340)), *_stroke((620, 580), (900, 340), (620, 100)))),
    "⟨": (390, _stroke((300, 800), (120, 320), (300, -160))),
    "⟩": (390, _stroke((90, 800), (270, 320), (90, -160))),
}
"""The width of each sign, and its shapes, which run clockwise."""


@cache
def face(path: Path) -> bytes:
    """Return the TrueType font at `path` with the signs that it lacks.

    They are put into the font itself, because fpdf2 2.8.9 loses the line after one that takes a coloured sign from another font.
    """
    with TTFont(path, recalcTimestamp=False) as font:
        scale = font["head"].unitsPerEm / EM
        lacking = {sign: f"sign{ord(sign):04X}" for sign in SIGNS if ord(sign) not in font.getBestCmap()}
        for sign, name in lacking.items():
            width, shapes = SIGNS[sign]
            font["glyf"][name] = glyph = _glyph(shapes, scale)
            font["hmtx"][name] = (round(width * scale), glyph.xMin)
        font.setGlyphOrder(font["glyf"].glyphOrder)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap |= {ord(sign): name for sign, name in lacking.items()}
        for table in _HINTED & set(font.keys()):
            del font[table]
        file = BytesIO()
        font.save(file)
    return file.getvalue()


_HINTED = frozenset({"hdmx", "LTSH", "VDMX"})
"""What a font has for screens, of each of its glyphs; a PDF has none of it."""


def _glyph(shapes: tuple[Shape, ...], scale: float) -> Glyph:
    pen = TTGlyphPen(None)
    for shape in shapes:
        first, *others = ((round(x * scale), round(y * scale)) for x, y in shape)
        pen.moveTo(first)
        for point in others:
            pen.lineTo(point)
        pen.closePath()
    drawn = pen.glyph()
    drawn.recalcBounds(None)
    return drawn
