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
    BEACON = "beacon"
    TRAFFIC_CONTROLLER = "traffic_controller"
    LOOP = "loop"
    RADAR = "radar"
    COUNTER = "counter"
    CONTACT = "contact"
    DIRECTION = "direction"


MOVERS = frozenset({Kind.BOLLARD, Kind.BARRIER, Kind.ROAD_BLOCKER})


class Action(StrEnum):
    """What steel can be told to do."""

    RAISE = "raise"
    LOWER = "lower"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A device as the site file describes it.

    `inputs` gives each input signal the age in seconds past which its reading no longer counts; `limits` gives a state the
    seconds after which a sensor that is still in it is to be looked at (R29).
    """

    id: str
    kind: Kind
    title: str = ""
    zone: str = ""
    inputs: Mapping[str, float]
    outputs: tuple[str, ...] = ()
    limits: Mapping[str, float] = field(default_factory=dict)


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
    `travel_s` is the longest time to the limit switch (R01, R16), `fastest_s` the shortest that a travel from end to end can
    honestly take (R01, R03); within `settle_s` of arriving a limit may bounce. In an emergency it blocks the way within `efo_s`
    of the start of its drive (R02), which begins `efo_lead_s` after the order.
    `presence` are the loops that veto the securing motion (R09), in an emergency too unless `efo_ignores_presence`;
    `airlock_with` is never open together with this one (PAS 69). The securing motion begins once `signals` show halt and
    `warning`, a beacon, is proven lit for `warning_s` (R13, R15). `traffic` is the traffic controller without which nothing is
    ordered but emergencies (R31). `mains` is the contact that tells whether its drive has its mains: without them nothing but
    emergencies is ordered, and an automatic motion after them is warned of for longer (R13). `cycles_per_hour` is the most its
    drive may do (R04); after `give_up` returns in a row it stays open until a person orders otherwise (R11). A passage that no
    vehicle uses is closed again after `no_show_s` (R12). `accepted` are the risks that somebody took on themselves, in words.
    """

    tops: tuple[str, ...]
    bottoms: tuple[str, ...]
    secures: Action
    drive: Drive
    travel_s: float
    settle_s: float = 0.3
    fastest_s: float = 0.0
    efo_s: float = 2.5
    efo_lead_s: float = 0.0
    presence: tuple[str, ...] = ()
    efo_ignores_presence: bool = False
    airlock_with: str = ""
    signals: tuple[str, ...] = ()
    warning: str = ""
    warning_s: float = 1.0
    traffic: str = ""
    mains: str = ""
    cycles_per_hour: int = 300
    give_up: int = 3
    no_show_s: float = 30.0
    accepted: tuple[str, ...] = ()

    @property
    def heeds(self) -> tuple[str, ...]:
        """Return the devices whose state its logic looks at."""
        named = (self.airlock_with, self.warning, self.traffic, self.mains)
        return (*self.presence, *self.signals, *(name for name in named if name))

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
class Route:
    """Movers that are opened one after the other, held open for `hold_s` seconds at most, and secured again."""

    title: str
    points: tuple[str, ...]
    hold_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LampSpec(Spec):
    """Lamps that must prove within `lamp_proof_s` what they were asked to show (R15)."""

    lamp_proof_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalSpec(LampSpec):
    """A traffic signal; it shows go only while the mover `follows` stands in `go_state` (R14)."""

    follows: str
    go_state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeaconSpec(LampSpec):
    """A warning light, with its buzzer, that is lit while one of the movers `warns` is about to move or moves (R13, R15)."""

    warns: tuple[str, ...]


class Meaning(StrEnum):
    """What an active contact tells (R39)."""

    TAMPER = "tamper"
    MAINS = "mains"
    BATTERY = "battery"
    HYDRAULIC = "hydraulic"
    DOOR = "door"
    FORCED = "forced"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSpec(Spec):
    """A contact; `active_when` is the input level that means active, `means` what that tells, None where nobody has said so."""

    active_when: bool = True
    means: Meaning | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarSpec(Spec):
    """A speed radar; what is faster than `overspeed_kmh` is a threat: 11.2 m/s unless the site says otherwise (R23)."""

    overspeed_kmh: float = 40.3


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionSpec(Spec):
    """A one-way lane: it is entered over the loop `entry` and left over the loop `exit` (R23)."""

    entry: str
    exit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterSpec(Spec):
    """A people counter; a count above `plausible_max` is doubtful (R32)."""

    plausible_max: int | None = None
