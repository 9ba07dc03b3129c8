"""A test under way, kept after every step: whatever ends the program, the steps that were done are not done again.

Errors are Failure. The file is replaced whole, and removed once its report is written.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from controller.cli.exits import Exit, Failure
from controller.commissioning.bench import Findings, now
from controller.commissioning.record import Defect, Outcome, Person, Record, StepRecord, Subject


@dataclass(slots=True, kw_only=True)
class Session:
    """One test of one device by one person. `finished` steps are kept; the one that was broken off is done anew."""

    id: str
    subject: Subject
    began: str
    tester: Person
    witness: Person | None
    unattended: bool
    simulated: bool
    finished: list[StepRecord] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    interrupted: list[str] = field(default_factory=list)

    def record(self, *, versions: dict[str, str], head: str, instruments: tuple[str, ...]) -> Record:
        """Return what was found."""
        steps = tuple(self.finished)
        outcomes = {step.outcome for step in steps}
        failed = Outcome.FAILED in outcomes or any(not one.restored for one in self.findings.overrides)
        # What nobody could do is not passed.
        outcome = Outcome.FAILED if failed else Outcome.SKIPPED if outcomes - {Outcome.PASSED} else Outcome.PASSED
        return Record(
            id=self.id,
            subject=self.subject,
            began=self.began,
            ended=now(),
            outcome=outcome,
            unattended=self.unattended,
            simulated=self.simulated,
            versions=versions,
            tester=self.tester,
            witness=self.witness,
            instruments=instruments,
            steps=steps,
            travels=tuple(self.findings.travels),
            interlocks=tuple(self.findings.interlocks),
            emergency=tuple(self.findings.emergency),
            overrides=tuple(self.findings.overrides),
            defects=tuple(self.defects),
            deviations=tuple(self.interrupted),
            journal_head=head,
        )


def load(path: Path) -> Session | None:
    """Return the session that is kept at `path`; None where there is none. Raises Failure for one that cannot be read."""
    try:
        return _adapter().validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        what = error.strerror if isinstance(error, OSError) else "it is no test under way that this release can read"
        raise Failure(Exit.FAILED, f"{path}: {what}; move it away to begin anew") from error


def save(path: Path, session: Session) -> None:
    """Replace what is kept at `path`. Raises Failure."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside.write_bytes(_adapter().dump_json(session, indent=1))
        beside.replace(path)
    except OSError as error:
        raise Failure(Exit.FAILED, f"{path}: the test cannot be kept: {error.strerror}") from error


@cache
def _adapter() -> TypeAdapter[Session]:
    return TypeAdapter(Session)
