"""What a controller tells, as values that a test can read: refusals, alarms, records of the journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why an order was refused: the rule, the device whose reading forbids, and the words."""

    rule: str
    device: str
    because: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.device}: {self.because}"


@dataclass(frozen=True, slots=True)
class Refusals:
    """All the reasons, in the controller's order; `rule`, `device` and `because` are those of the first."""

    all: tuple[Refusal, ...]

    @classmethod
    def of(cls, told: Sequence[Mapping[str, Any]]) -> Self:
        """Read the `refusals` of an answer."""
        return cls(tuple(Refusal(str(r["rule"]), str(r["device"]), str(r["because"])) for r in told))

    @property
    def rule(self) -> str:
        """Return the first rule; empty where none was told."""
        return self.all[0].rule if self.all else ""

    @property
    def device(self) -> str:
        """Return the device whose reading forbids."""
        return self.all[0].device if self.all else ""

    @property
    def because(self) -> str:
        """Return the reading, in words."""
        return self.all[0].because if self.all else ""

    @property
    def rules(self) -> set[str]:
        """Return every rule that refused."""
        return {one.rule for one in self.all}

    def __iter__(self) -> Iterator[Refusal]:
        return iter(self.all)

    def __str__(self) -> str:
        return "; ".join(map(str, self.all)) or "no reason told"


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that does not stand at `normal`; `id` is DEVICE.NAME, `priority` 1 the highest to 4."""

    id: str
    device: str
    name: str
    priority: int
    state: str
    active: bool
    text: str

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Read one of the API's alarms."""
        name, device, alarm = (str(told[key]) for key in ("id", "device", "name"))
        state, text = str(told["state"]), str(told["text"])
        return cls(name, device, alarm, int(told["priority"]), state, bool(told["active"]), text)

    def __str__(self) -> str:
        return f"P{self.priority} {self.id}: {self.text} ({self.state})"


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the journal; what `body` holds is in docs/reference/journal.md."""

    seq: int
    at: str
    kind: str
    device: str
    command: str
    body: Mapping[str, Any]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Read one of the API's records."""
        at, kind, device, command = (str(told[key] or "") for key in ("at", "kind", "device", "command"))
        return cls(int(told["seq"]), at, kind, device, command, told["body"] or {})

    def __str__(self) -> str:
        particulars = " ".join(f"{key}={value}" for key, value in self.body.items() if value != "")
        return f"{self.seq} {self.at} {self.kind} {self.device} {particulars}".replace("  ", " ")
