"""How steel behaves, as data: how its drive is commanded, how long it travels, how it warns, how often it may move.

What is not said has the default of the rule that asks for it. What a rule does not allow is refused where the profile is read
(controller/config/steel_checks.py).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from drivers.strict import Name, Source, Strict, Timed, Unproven

BOLLARD_FASTEST_S = 3.0
"""R01, UFGS 02840 p. 13: a bollard raises or lowers in 3 to 15 s."""
CRASH_BEAM_FASTEST_S = 8.0
"""R03, UFGS 02840: a powered crash beam opens or closes in 8 to 15 s."""
EFO_S = 2.5
"""R02: in an emergency the way is blocked within this after the drive began."""
WARNING_S = 1.0
"""R13, Gibidi DPT260 p. 26: warning for at least this long before it moves."""


class DriveType(StrEnum):
    """How a motion is commanded."""

    HELD = "held"
    PULSED = "pulsed"
    SETPOINT = "setpoint"


class Drive(Strict):
    """How to command a motion: outputs held while it lasts, a pulse, or a code written to one register or node."""

    type: DriveType
    pulse_s: float = Field(0.5, gt=0, le=5)
    codes: dict[Literal["raise", "lower", "stop"], int] = Field(default_factory=dict)
    source: Source

    @model_validator(mode="after")
    def _codes_for_setpoint(self) -> Drive:
        if (self.type is DriveType.SETPOINT) != bool(self.codes):
            raise ValueError("`codes` for raise, lower and stop belong to drive type setpoint, and to no other")
        if self.codes and len(set(self.codes.values())) != 3:
            raise ValueError("`codes` needs three different values for raise, lower and stop")
        return self


class MoverProfile(Strict):
    """A bollard (group), boom barrier or road blocker."""

    profile: Name
    title: str
    source: Source
    unproven: Unproven = ""
    kind: Literal["bollard", "barrier", "road_blocker"]
    secures_by: Literal["raising", "lowering"]
    drive: Drive
    travel: Timed = Field(description="Longest time from order to limit switch before it is a fault (R01, R16).")
    settle: Timed = Field(description="How long a limit switch may bounce after the end is reached.")
    fastest: Timed | None = Field(None, description="Shortest honest travel from end to end (R01, R03).")
    crash_beam: bool = Field(False, description="barrier: a crash beam, which travels in 8 to 15 s (R03).")
    efo: Timed | None = Field(None, description="In an emergency the way is blocked within this, at most 2.5 s (R02).")
    efo_lead: Timed | None = Field(None, description="From the emergency order to the begin of its drive; default 0.")
    warning: Timed | None = Field(None, description="How long it warns before it moves, at least 1 s (R13).")
    cycles_per_hour: int = Field(300, ge=1, le=300, description="The most that its drive may do (R04).")
    give_up: int = Field(3, ge=1, le=10, description="After so many returns in a row it stays open (R11).")

    @property
    def fastest_s(self) -> float:
        """Return the shortest travel from end to end that can be honest."""
        return self.window[0] if self.fastest is None else self.fastest.seconds

    @property
    def window(self) -> tuple[float, float]:
        """Return the shortest and the longest travel that the rules allow (R01, R03, R16), seconds."""
        if self.kind == "bollard":
            return BOLLARD_FASTEST_S, 15.0
        return (CRASH_BEAM_FASTEST_S, 15.0) if self.crash_beam else (0.0, 20.0)

    @property
    def efo_s(self) -> float:
        """Return within how long of the begin of an emergency drive the way is blocked."""
        return EFO_S if self.efo is None else self.efo.seconds

    @property
    def efo_lead_s(self) -> float:
        """Return how long an emergency drive waits for the signals to change."""
        return 0.0 if self.efo_lead is None else self.efo_lead.seconds

    @property
    def warning_s(self) -> float:
        """Return how long it warns before it moves."""
        return WARNING_S if self.warning is None else self.warning.seconds
