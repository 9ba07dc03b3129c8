"""The cells and tables that the parts of a report are built of, in one language. Keeps what is too long for a cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from controller.commissioning.record import Check, Outcome
from controller.commissioning.report.document import Block, Cell, Heading, Mark, Paragraph, Table
from controller.commissioning.texts import Texts

CELL_MOST = 200
"""Characters; a row has to fit one page. What is longer stands in full at the end of the report."""
LINES_MOST = 8

MARKS = {Outcome.PASSED: Mark.GOOD, Outcome.FAILED: Mark.BAD, Outcome.ABORTED: Mark.BAD, Outcome.SKIPPED: Mark.OPEN}


class Sheet:
    """Builds blocks; `notes` afterwards has the long texts that they refer to."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self._long: list[str] = []

    def heading(self, key: str) -> Heading:
        """Return a heading of the first level."""
        return Heading(1, self.texts(key))

    def cell(self, text: str, mark: Mark = Mark.PLAIN) -> Cell:
        """Return a cell with `text`, or with its beginning and where it stands in full."""
        if len(text) <= CELL_MOST and text.count("\n") < LINES_MOST:
            return Cell(text, mark)
        self._long.append(text)
        start = " ".join(text[: CELL_MOST - 80].split())
        return Cell(self.texts("notes.see", start=start, number=len(self._long)), mark)

    def outcome(self, outcome: Outcome) -> Cell:
        """Return how something ended, in words and as a mark."""
        return Cell(self.texts(f"outcome.{outcome.value}"), MARKS[outcome])

    def check(self, check: Check, day: str) -> tuple[Cell, ...]:
        """Return the row of a check: what, criterion, expected, measured, outcome, evidence, time.

        The time has its date where that is not `day`.
        """
        found = self.texts.words(check.measured)
        if check.value is not None and check.unit:
            value = self.texts.number(check.value)
            if value not in found and f"{check.value:g}" not in found:
                found = f"{found} ({value} {check.unit})"
        return (
            self.cell(self.texts.words(check.what)),
            self.cell(check.criterion),
            self.cell(self.texts.words(check.expected)),
            self.cell(found),
            self.outcome(check.outcome),
            self.cell(_runs(check.evidence) or "–"),
            self.cell(self.texts.time(check.at).removesuffix(" UTC").removeprefix(f"{day} ")),
        )

    def table(
        self, caption: str, heads: Sequence[str], widths: tuple[int, ...], rows: Iterable[tuple[Cell, ...]]
    ) -> Block:
        """Return a table; a paragraph that says that nothing was recorded where it has no row."""
        kept = tuple(rows)
        if not kept:
            return Paragraph(f"{self.texts(caption)}: {self.texts('report.not_recorded')}", Mark.OPEN)
        return Table(self.texts(caption), tuple(map(self.texts, heads)), widths, kept)

    def facts(self, caption: str, facts: Iterable[tuple[str, str]]) -> Block:
        """Return a table of names and values."""
        rows = [(self.cell(name), self.cell(value or self.texts("report.not_recorded"))) for name, value in facts]
        return self.table(caption, ("head.what", "head.value"), (30, 70), rows)

    def listing(self, caption: str, head: str, lines: Iterable[str]) -> Block:
        """Return a table of one column."""
        return self.table(caption, (head,), (100,), [(self.cell(line),) for line in lines])

    def notes(self) -> Iterator[Block]:
        """Yield the texts that were too long for their cells, each in full."""
        if self._long:
            yield self.heading("notes.heading")
        for number, text in enumerate(self._long, 1):
            yield Paragraph(self.texts("notes.one", number=number, text=text))


def _runs(numbers: Sequence[int]) -> str:
    """Tell numbers in their order, those that follow one another as `from–to`."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
