"""Who may move what, as people were told: lock-outs, tests and latched emergencies, from what was asked and what was answered.

Only what is certain counts: while a lift, a reset or an end is asked for and not answered, nothing is held over a device; two
such acts at once on one device leave in doubt which came first. A controller that was killed is held to what reached the disk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from controller.core.command import Life, Switch
from controller.ledger import Request
from controller.orders import LOCKDOWN

ACTS = (*Switch, LOCKDOWN)


@dataclass(slots=True)
class Tag:
    """A lock-out: whose, and which other person has asked for its end."""

    owner: str
    asked_by: str = ""


@dataclass(slots=True)
class Held:
    """What is held over one device, and which acts on it are not answered yet."""

    tags: dict[str, Tag] = field(default_factory=dict)
    latch: tuple[str, str] | None = None
    test: str = ""
    pending: dict[str, str] = field(default_factory=dict)
    crossed: bool = False
    in_doubt: bool = False
    """Something was asked for that may hold although nobody was told so."""

    def waits(self, *actions: str) -> bool:
        """Tell whether one of `actions` is not answered yet."""
        return any(action in actions for action in self.pending.values())

    def doubted(self) -> None:
        """Take nothing for certain any more."""
        self.tags.clear()
        self.latch, self.test, self.in_doubt = None, "", True


class Entitlement:
    """What people hold over each mover. `wrongs` are the answers that should not have been given."""

    def __init__(self, movers: Sequence[str]) -> None:
        self.of = {mover: Held() for mover in movers}
        self.wrongs: list[tuple[str, str]] = []

    # What is certain.

    def locked(self, mover: str) -> str:
        """Name whoever has surely locked `mover` out, "" for nobody."""
        held = self.of[mover]
        sure = held.tags and not held.waits(Switch.LIFT)
        return next(iter(held.tags.values())).owner if sure else ""

    def latched(self, mover: str) -> bool:
        """Tell whether an emergency is surely latched."""
        held = self.of[mover]
        return held.latch is not None and not held.waits(Switch.RELEASE)

    def tester(self, mover: str) -> str:
        """Name whoever surely holds `mover` in test, "" for nobody or where another mode outranks that."""
        held = self.of[mover]
        sure = not held.tags and held.latch is None and not held.waits(Switch.END_TEST, LOCKDOWN)
        return held.test if sure else ""

    def free(self, mover: str) -> bool:
        """Tell whether surely nobody has locked `mover` out."""
        held = self.of[mover]
        return not (held.tags or held.in_doubt or held.waits(Switch.LOCK_OUT))

    def in_vain(self, mover: str, request: Request) -> bool:
        """Tell whether it is surely refused: a reset by the role that fired (R06)."""
        latch = self.of[mover].latch
        return request.action == Switch.RELEASE and latch is not None and latch[1] == request.role

    # What is asked and answered.

    def asked(self, mover: str, request: Request) -> None:
        """Take in that somebody acts on `mover`."""
        held = self.of[mover]
        held.crossed = bool(held.pending)
        held.pending[request.id] = request.action

    def answered(self, mover: str, member: str, request: Request, life: Life | None) -> None:
        """Take in what was answered about `member`, the order to this mover; None for nothing."""
        held = self.of[mover]
        if held.pending.pop(request.id, None) is None:
            return
        undurable = life is Life.UNKNOWN and request.action in tuple(Switch)
        if held.crossed or life is None or undurable:
            held.crossed = bool(held.pending)
            held.doubted()
        elif request.action == LOCKDOWN:
            if life is not Life.REFUSED:
                # Where it is in doubt whether one is latched already, so is who fired the one that is.
                fired = ("", "") if held.in_doubt else (request.by, request.role)
                held.latch, held.test = held.latch or fired, ""
        elif life is Life.CONFIRMED:
            self._confirmed(mover, member, held, request)

    def _confirmed(self, mover: str, member: str, held: Held, request: Request) -> None:
        who = request.by
        match Switch(request.action):
            case Switch.LOCK_OUT:
                held.tags[member] = Tag(who)
            case Switch.LIFT:
                held.tags = _lifted(held.tags, who)
            case Switch.TEST:
                if self.locked(mover) or self.latched(mover) or self.tester(mover) not in ("", who):
                    self.wrongs.append((mover, f"{who} got it for a test, and it was held by somebody"))
                held.test = who
            case Switch.END_TEST:
                held.test = ""
            case Switch.RELEASE:
                if held.latch is not None and held.latch[1] == request.role:
                    self.wrongs.append((mover, f"{who} reset as {request.role} what was fired as {request.role} (R06)"))
                held.latch = None

    # What a controller that was killed can know.

    def killed(self, mover: str, recorded: Mapping[str, Any] | None, *, disk_was_well: bool) -> None:
        """Hold the next controller to what the disk says. A lock-out of which somebody was told has to be there."""
        held = self.of[mover]
        found = recorded or {"tags": (), "efo": None, "test": ""}
        missing = held.tags.keys() - {tag["tag"] for tag in found["tags"]}
        if missing and disk_was_well and not held.waits(Switch.LIFT):
            self.wrongs.append((mover, f"the lock-out {min(missing)} was confirmed, and is not on the disk"))
        efo = found["efo"]
        self.of[mover] = Held(
            tags={tag["tag"]: Tag(tag["owner"], tag["asked_by"]) for tag in found["tags"]},
            latch=(efo["by"], efo["role"]) if efo is not None else None,
            test=found["test"],
        )


def _lifted(tags: Mapping[str, Tag], who: str) -> dict[str, Tag]:
    if any(tag.owner == who for tag in tags.values()):
        return {name: tag for name, tag in tags.items() if tag.owner != who}
    return {name: Tag(tag.owner, who) for name, tag in tags.items() if not tag.asked_by}
