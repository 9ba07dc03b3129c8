"""What a step of the acceptance test works with: the device, who acts, and what has been found so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from controller.cli.client import Client
from controller.commissioning.desk import Desk
from controller.commissioning.hands import Hands
from controller.commissioning.record import (
    Check,
    Defect,
    InterlockRow,
    Outcome,
    Override,
    Stage,
    Travel,
    Words,
)
from controller.commissioning.texts import Texts


@dataclass(slots=True)
class Findings:
    """What the steps have found beside their checks; kept with the session."""

    travels: list[Travel] = field(default_factory=list)
    interlocks: list[InterlockRow] = field(default_factory=list)
    emergency: list[Stage] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    driven_inputs: dict[str, list[bool]] = field(default_factory=dict)
    """The levels in which each input was seen while it was driven, by `device.signal`."""


@dataclass(slots=True)
class Bench:
    """One device on the bench. `say` tells the person a line."""

    desk: Desk
    spec: Mapping[str, Any]
    hands: Hands
    say: Callable[[str], None]
    supervisor: Client | None
    cycles: int
    findings: Findings = field(default_factory=Findings)
    checks: list[Check] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    step: str = ""

    @property
    def opens_by(self) -> str:
        """Return the action that lets vehicles pass."""
        return "lower" if self.spec["secures_by"] == "raise" else "raise"

    @property
    def secures_by(self) -> str:
        """Return the action that blocks the way."""
        return str(self.spec["secures_by"])

    def check(
        self,
        what: Words,
        expected: Words,
        measured: Words,
        passed: bool | None,
        *,
        criterion: str = "",
        value: float | None = None,
        unit: str = "",
        order: str = "",
        note: str = "",
    ) -> bool:
        """Write a check down; None is one that could not be done. A failed one is a defect. Returns whether it passed."""
        outcome = Outcome.SKIPPED if passed is None else Outcome.PASSED if passed else Outcome.FAILED
        found = Check(
            what=what,
            expected=expected,
            measured=measured,
            outcome=outcome,
            at=now(),
            criterion=criterion,
            value=value,
            unit=unit,
            evidence=self._evidence(order),
            note=note,
        )
        self.checks.append(found)
        if outcome is Outcome.FAILED:
            self.defects.append(Defect(step=self.step, text=measured))
        self.say(f"  {outcome:<8}{spoken(what)}" + (f": {spoken(measured)}" if outcome is not Outcome.PASSED else ""))
        return outcome is Outcome.PASSED

    def skipped(self, what: Words, why: Words) -> None:
        """Write down what was not done, and why."""
        self.check(what, Words("expect.none"), why, None)

    def _evidence(self, order: str) -> tuple[int, ...]:
        """Return the numbers of the journal's records about an order, or of its last record."""
        device = {"device": self.desk.device} if order else {}
        told = self.desk.controller.get("journal", newest="true", limit=100 if order else 1, **device)
        records = [record for record in told["records"] if not order or record["command"] == order]
        return tuple(record["seq"] for record in records)

    def saw(self, signal: str, level: Any) -> None:
        """Take note that an input showed a level while it was driven."""
        levels = self.findings.driven_inputs.setdefault(signal, [])
        if isinstance(level, bool) and level not in levels:
            levels.append(level)


def now() -> str:
    """Return this instant as a label."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def spoken(words: Words) -> str:
    """Say it in English, for the terminal."""
    return Texts("en").words(words)
