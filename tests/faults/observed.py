"""What an outside observer takes down: one order, and one safety loop."""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.spec import Action


@dataclass(frozen=True, slots=True)
class Asked:
    """One order to one mover, as somebody gave it for the first time, or as a passage that somebody asked for gave it."""

    id: str
    action: Action
    at: float
    expires: float
    who: str = ""
    emergency: bool = False
    hold: bool = False


@dataclass(slots=True)
class LoopView:
    """What the wire says of a safety loop: `state` is clear, occupied, fault or "" (never heard), since `since`."""

    state: str = ""
    since: float = 0.0
    taken: float = -1e9
