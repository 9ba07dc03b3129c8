"""What is fixed about a device: who it is, which signals it has, how it is driven, what it must heed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of equipment."""

    BOLLARD = "bollard"
    BARRIER = "barrier"
    ROAD_BLOCKER = "road_blocker"
    SIGNAL = "signal"
    LOOP = "loop"
    RADAR = "radar"
    COUNTER = "counter"
    CONTACT = "contact"


MOVERS = frozenset({Kind.BOLLARD, Kind.BARRIER, Kind.ROAD_BLOCKER})


class Action(StrEnum):
    """What steel can be told to do."""

    RAISE = "raise"
    LOWER = "lower"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A device as the site file describes it.

    `inputs` gives each input signal the age in seconds past which its reading no longer counts.
    """

    id: str
    kind: Kind
    title: str = ""
    zone: str = ""
    inputs: Mapping[str, float]
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """How a motion is commanded: held outputs, pulses of `pulse_s` seconds, or a code on one output."""

    type: str = "held"
    pulse_s: float = 0.5
    codes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoverSpec(Spec):
    """A bollard (group), boom barrier or road blocker.

    `tops` and `bottoms` name the limit-switch inputs, one pair a member. `secures` is the action that blocks the way.
    `travel_s` is the longest time to the limit switch (R01, R16); within `settle_s` of arriving a limit may bounce.
    `presence` are the loops that veto the securing motion (R09); `airlock_with` is never open together with this one (PAS 69).
    """

    tops: tuple[str, ...]
    bottoms: tuple[str, ...]
    secures: Action
    drive: Drive
    travel_s: float
    settle_s: float = 0.3
    presence: tuple[str, ...] = ()
    airlock_with: str = ""

    @property
    def stoppable(self) -> bool:
        """Tell whether the drive can be stopped in mid-travel: one that is started by a pulse needs an input for it."""
        return self.drive.type != "pulsed" or "stop" in self.outputs

    @property
    def opens(self) -> Action:
        """Return the action that lets vehicles pass."""
        return Action.LOWER if self.secures is Action.RAISE else Action.RAISE

    @property
    def secured_state(self) -> str:
        """Return the state in which the way is blocked."""
        return "raised" if self.secures is Action.RAISE else "lowered"

    @property
    def open_state(self) -> str:
        """Return the state in which the way is free."""
        return "lowered" if self.secures is Action.RAISE else "raised"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalSpec(Spec):
    """A traffic signal; it shows go only while the mover `follows` stands in `go_state` (R14)."""

    follows: str
    go_state: str
    lamp_proof_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSpec(Spec):
    """A contact; `active_when` is the input level that means active."""

    active_when: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterSpec(Spec):
    """A people counter; a count above `plausible_max` is doubtful (R32)."""

    plausible_max: int | None = None
