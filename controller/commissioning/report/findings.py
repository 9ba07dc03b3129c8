"""What speaks against a record that calls itself passed, and what R40 asks for that it has or lacks. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controller.commissioning.record import Check, Outcome, Record, StepRecord, Words

OVERRIDES = ("commands", "safety", "rise_limit", "reversing")
"""DIP 2 to 5 of the drives that DOMAIN 2.1 describes; R40 wants proof that each is back."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How the checks of all steps ended."""

    checks: int
    passed: int
    failed: int

    @property
    def other(self) -> int:
        """How many were not done, or not to their end."""
        return self.checks - self.passed - self.failed


def checks(record: Record) -> tuple[Check, ...]:
    """Return the checks of all steps, in order."""
    return tuple(check for step in record.steps for check in step.checks)


def tally(record: Record) -> Tally:
    """Count how the checks ended."""
    ends = [check.outcome for check in checks(record)]
    return Tally(len(ends), ends.count(Outcome.PASSED), ends.count(Outcome.FAILED))


def objections(record: Record) -> tuple[Words, ...]:
    """Return what stands against "passed", whatever the record calls itself; nothing where all of it holds."""
    return tuple(_objections(record))


def _objections(record: Record) -> Iterator[Words]:
    if not checks(record):
        yield Words("objection.nothing")
    for step in record.steps:
        yield from _of_step(step)
    for row in record.interlocks:
        if not (row.forbade and row.allowed_again):
            yield Words("objection.interlock", {"rule": row.rule, "device": row.device})
    for override in record.overrides:
        if not override.restored:
            yield Words("objection.override", {"name": override.name})
    if len(record.overrides) < len(OVERRIDES):
        yield Words("objection.overrides", {"number": len(record.overrides), "expected": len(OVERRIDES)})
    if record.defects:
        yield Words("objection.defects", {"number": len(record.defects)})
    if record.unattended:
        yield Words("objection.unattended")


def _of_step(step: StepRecord) -> Iterator[Words]:
    if step.outcome is not Outcome.PASSED:
        yield Words("objection.step", {"id": step.id, "outcome": Words(f"outcome.{step.outcome.value}")})
    for check in step.checks:
        if check.outcome is not Outcome.PASSED:
            outcome = Words(f"outcome.{check.outcome.value}")
            yield Words("objection.check", {"id": step.id, "what": check.what, "outcome": outcome})


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that R40 asks of a report, and whether the record has it."""

    what: Words
    there: bool


def asked(record: Record) -> tuple[Asked, ...]:
    """Return what R40 asks for, in its order. Deviations and risks are there when they are listed, be it as none."""
    driven = all(row.forbade is not None and row.allowed_again is not None for row in record.interlocks)
    stages = [stage for stage in record.emergency if stage.seconds is not None]
    back = [override for override in record.overrides if override.restored]
    return (
        Asked(Words("r40.versions"), bool(record.versions)),
        Asked(Words("r40.interlocks"), bool(record.interlocks) and driven),
        Asked(Words("r40.emergency"), bool(stages) and len(stages) == len(record.emergency)),
        Asked(Words("r40.cycles"), bool(record.travels)),
        Asked(Words("r40.deviations", {"number": len(record.deviations)}), True),
        Asked(Words("r40.risks", {"number": len(record.subject.accepted_risks)}), True),
        Asked(Words("r40.overrides"), len(back) >= len(OVERRIDES) and len(back) == len(record.overrides)),
        Asked(Words("r40.witness"), record.witness is not None),
    )
