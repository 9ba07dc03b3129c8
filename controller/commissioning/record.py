"""What an acceptance test found, as values: everything that its report says, and nothing that a report makes of it.

The shape is the union of what R40 and DOMAIN 6.5 ask for (IEC 60839-11-1, ASTM E3211). Times are RFC 3339 UTC, durations seconds.
Words that are shown to people are keys of the catalogue (`texts`) with the particulars beside them, so that one record is told in
any language; names, titles and what a person typed stand as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a step or a check ended; what was not done is never passed."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class Words:
    """A text of the catalogue and what fills its gaps."""

    key: str
    gaps: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """Who takes part: a name, and whom that person works for."""

    name: str
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """One unit that the device is wired to: its profile, the wire, what it said it is, and whether it was simulated."""

    name: str
    profile: str
    link: str
    simulated: bool
    identity: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was tested: the device where it stands, how it is wired (signal: unit.point), and the risks accepted for it."""

    site: str
    site_title: str
    revision: str
    device: str
    kind: str
    title: str
    zone: str
    profile: str
    wiring: Mapping[str, str]
    units: tuple[UnitRecord, ...]
    accepted_risks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: what was expected, what was measured, and where the evidence is.

    `criterion` names the requirement or standard (`R01`), `value` is the measured figure in `unit` where it is one,
    `evidence` the numbers of the journal's records, `note` what the person said.
    """

    what: Words
    expected: Words
    measured: Words
    outcome: Outcome
    at: str
    criterion: str = ""
    value: float | None = None
    unit: str = ""
    evidence: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step of the procedure, in the order of DOMAIN 6.1 (`section`, 631 to 638)."""

    id: str
    section: str
    began: str
    ended: str
    outcome: Outcome
    checks: tuple[Check, ...] = ()
    why: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """One motion of one cycle: from the first acknowledged frame to the limit, and the limits' levels over time.

    `changes` are (seconds since the first frame, signal, level), the levels at the start first.
    """

    direction: str
    cycle: int
    seconds: float
    changes: tuple[tuple[float, str, bool], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InterlockRow:
    """One row of the interlock matrix, driven both ways: it forbade while its condition stood, and no longer afterwards."""

    rule: str
    device: str
    action: str
    condition: Words
    forbade: bool | None
    allowed_again: bool | None
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of the emergency: how long after the order."""

    name: str
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A diagnostic override: what it is, and whether it was found back in its place."""

    name: str
    restored: bool
    found: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """What is to be mended, and by which step it was found."""

    step: str
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One acceptance test of one device."""

    id: str
    form: int = 1
    subject: Subject
    began: str
    ended: str
    outcome: Outcome
    unattended: bool
    simulated: bool
    versions: Mapping[str, str]
    tester: Person
    witness: Person | None = None
    owner: Person | None = None
    instruments: tuple[str, ...] = ()
    steps: tuple[StepRecord, ...] = ()
    travels: tuple[Travel, ...] = ()
    interlocks: tuple[InterlockRow, ...] = ()
    emergency: tuple[Stage, ...] = ()
    overrides: tuple[Override, ...] = ()
    defects: tuple[Defect, ...] = ()
    deviations: tuple[str, ...] = ()
    journal_head: str = ""
    """The hash of the journal's last record at the end, with its number before a colon: `1234:ab…`."""
