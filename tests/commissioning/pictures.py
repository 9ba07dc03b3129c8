"""`python -m tests.commissioning.pictures FOLDER`: draw the pictures of docs/reference/acceptance-report.md. Needs chromium."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image

from controller.commissioning.report.contents import document
from controller.commissioning.report.html import page
from controller.commissioning.report.pdf import pdf
from tests.commissioning.sample import FULL

SIZE, SCALE, COLOURS, PDF_PAGE = (900, 1150), 1.15, 48, 4


def main(folder: Path) -> None:
    """Draw the beginning of the page, and the sheet of the PDF with the travel times."""
    drawn = document(FULL, "en")
    with tempfile.TemporaryDirectory() as made:
        source, shot = Path(made) / "page.html", Path(made) / "page.png"
        source.write_text(page(drawn), "utf-8")
        command = [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={SIZE[0]},{SIZE[1]}",
            f"--screenshot={shot}", source.as_uri(),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=100)
        _small(Image.open(shot).convert("RGB"), folder / "acceptance-report-html.png")
    sheets = pypdfium2.PdfDocument(pdf(drawn))
    _small(sheets[PDF_PAGE].render(scale=SCALE).to_pil().convert("RGB"), folder / "acceptance-report-pdf.png")
    sheets.close()


def _small(picture: Image.Image, path: Path) -> None:
    picture.quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
