"""A report as three files in one folder: `report.json`, `report.html`, `report.pdf`. Reads and writes them; blocking.

Errors are ReportError. `report.json` is written last, so that a folder with it is whole.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from controller.commissioning.record import Record
from controller.commissioning.report import html, seal
from controller.commissioning.report.contents import document
from controller.commissioning.report.keys import PrivateKey, read_file
from controller.commissioning.report.plain import ReportError
from controller.commissioning.report.seal import HTML, JSON, PDF, Report, Verdict, Wanted

MOST = 64 << 20
"""Bytes of one file; a report of a thousand checks has two or three million."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report is: its JSON, and which page was named (empty: all of them are meant)."""

    json: Path
    page: Path | None = None


def issue(record: Record, folder: Path, key: PrivateKey, at: str, language: str = "en") -> Report:
    """Draw the report in `language`, sign it as the tester, and write it into `folder`, which is new or empty.

    `at` is the time of the signature, RFC 3339 UTC.
    """
    seal.sign(
        seal.unsigned(record, language, {}), key, "tester", at
    )  # refused now rather than after seconds of drawing
    _fresh(folder)
    pages = draw(record, language)
    report = seal.sign(seal.unsigned(record, language, pages), key, "tester", at)
    _write(folder, pages)
    _write(folder, {JSON: seal.text(report).encode()})
    return report


def countersign(folder: Path, key: PrivateKey, role: str, at: str) -> Report:
    """Add a signature to a report that holds, and to no other."""
    report, verdict = examine(Place(folder / JSON), Wanted())
    if verdict.wrong:
        raise ReportError(f"{folder}: not signed, because the report does not hold: {verdict.wrong[0]}")
    signed = seal.sign(report, key, role, at)
    _write(folder, {JSON: seal.text(signed).encode()})
    return signed


def copy(report: Report, folder: Path, language: str) -> None:
    """Write the pages of `report` in `language` into `folder`, which is new or empty, marked as signed by nobody."""
    _fresh(folder)
    _write(folder, draw(report.record, language, copy=True))


def draw(record: Record, language: str, *, copy: bool = False) -> Mapping[str, bytes]:
    """Return the bytes of both pages."""
    from controller.commissioning.report.pdf import pdf  # it takes half a second, and only this draws

    drawn = document(record, language, copy=copy)
    return {HTML: html.page(drawn).encode(), PDF: pdf(drawn)}


def find(given: Path) -> Place:
    """Return where the report is that `given` means: a folder, its JSON, or one of the pages beside it."""
    if given.is_dir():
        return Place(given / JSON)
    if given.suffix == ".json":
        return Place(given)
    if given.suffix not in (".html", ".pdf"):
        raise ReportError(f"{given}: expected a report's folder, its {JSON}, or a page beside it (.html, .pdf)")
    beside = [path for path in (given.with_suffix(".json"), given.parent / JSON) if path.exists()]
    if not beside:
        raise ReportError(f"{given}: there is no {JSON} beside it, and without it nothing tells who signed what")
    return Place(beside[0], given)


def examine(place: Place, wanted: Wanted) -> tuple[Report, Verdict]:
    """Read a report and check it with its pages. Raises ReportError where it cannot even be read."""
    try:
        report = seal.from_text(read_file(place.json, MOST))
    except ReportError as error:
        told = str(error)
        raise ReportError(told if told.startswith(str(place.json)) else f"{place.json}: {told}") from error
    verdict = seal.check(report, wanted)
    wrong, missing = _pages(report, place)
    return report, replace(verdict, wrong=(*wrong, *verdict.wrong), remarks=(*missing, *verdict.remarks))


def _pages(report: Report, place: Place) -> tuple[list[str], list[str]]:
    """Compare the bytes of the pages: what is wrong, and what is only absent because another page was named."""
    if sorted(report.files) != sorted((HTML, PDF)):
        return [f"it tells of the files {', '.join(report.files) or 'none'}; expected {HTML} and {PDF}"], []
    wrong, absent = [], []
    for name, expected in report.files.items():
        named = place.page is not None and place.page.suffix == Path(name).suffix
        path = place.page if named and place.page else place.json.parent / name
        if place.page is not None and not named and not path.exists():
            absent.append(f"{name} is not there, and was not checked")
            continue
        try:
            if seal.hash_of(read_file(path, MOST)) != expected:
                wrong.append(
                    f"{path.name} is not the file that was signed: it was changed, or belongs to another report"
                )
        except ReportError as error:
            wrong.append(str(error))
    return wrong, absent


def _fresh(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ReportError(f"{folder}: is not empty, and a report is never overwritten; give a new folder")
    except OSError as error:
        raise ReportError(f"{folder}: cannot be made: {error.strerror}; give another folder") from error


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write each file whole or not at all."""
    for name, content in files.items():
        half = folder / f".{name}.{os.getpid()}"
        try:
            with half.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            half.replace(folder / name)
        except OSError as error:
            half.unlink(missing_ok=True)
            raise ReportError(f"{folder / name}: cannot be written: {error.strerror}") from error
