"""Who may move a device: what people hold over it, and the mode that follows.

Four things can take the device out of the operator's hands. A *tag* locks it out for maintenance (lock-out/tag-out): only its
owner, or two other people one after the other, lift it. *Local* is the key switch at the equipment (R18). An *EFO latch* is an
emergency that was fired and has not been reset; who resets it has another role than who fired it (R05, R06). *Test* is held by
one person, who alone may move it. The modes exclude one another (R19): the first of maintenance, local, EFO and test that applies
is the mode, and without any it is remote. A key switch that cannot be read is a mode of its own, in which nothing moves.

Everything here withholds permission. It is kept over a restart of the controller, unlike a position. Until what was held before
the restart is known, nothing moves either: only an emergency goes ahead, and only what withholds more can be added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self

from controller.core.command import Order, Refusal, Rule, Switch
from controller.core.people import same
from controller.core.replacing import replace
from controller.core.said import said, together, word

NOT_KNOWN = said(
    "what was locked out or latched before the controller started is not known, because its journal cannot be read yet: "
    "wait, or repair the journal; stop, lockdown and lock-out go ahead"
)


SUPERVISING = frozenset({"supervisor", "administrator"})
"""The roles that end what others hold."""

NOTHING = "nothing to do: "
"""How the answer to an order begins that found nothing to change."""


class Mode(StrEnum):
    """Who may move the device; the modes exclude one another (R19)."""

    REMOTE = "remote"
    LOCAL = "local"
    MAINTENANCE = "maintenance"
    TEST = "test"
    EFO = "efo"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Tag:
    """A lock-out: its number, who hung it, why, and the first of two others who wants it lifted ("" for nobody)."""

    tag: str
    owner: str
    why: str
    asked_by: str = ""


@dataclass(frozen=True, slots=True)
class Latch:
    """An emergency that was fired: by whom, in which role, with which order."""

    by: str
    role: str
    order: str


_OF_A_TAG, _OF_A_LATCH = (tuple(field.name for field in fields(kind)) for kind in (Tag, Latch))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """What people hold over one device; `known` is False as long as it is not known what an earlier run left held."""

    tags: tuple[Tag, ...] = ()
    efo: Latch | None = None
    test: str = ""
    known: bool = True

    def mode(self, *, local: bool | None) -> Mode:
        """Return the mode; `local` is what the key switch says, None where it cannot be read."""
        if self.tags:
            return Mode.MAINTENANCE
        if local is not False:
            return Mode.UNKNOWN if local is None else Mode.LOCAL
        if self.efo is not None:
            return Mode.EFO
        if not self.known:
            return Mode.UNKNOWN
        return Mode.TEST if self.test else Mode.REMOTE

    def latched(self, order: Order) -> Self:
        """Latch the emergency that `order` fires. The first to fire stays named; a test ends with it (R19)."""
        return replace(self, efo=self.efo or Latch(order.who, order.role, order.id), test="")

    def joined(self, earlier: Self) -> Self:
        """Return these, which were hung while `earlier` was not known, together with `earlier`."""
        tags = {tag.tag: tag for tag in (*earlier.tags, *self.tags)}
        test = "" if self.efo is not None else earlier.test
        return replace(earlier, tags=tuple(tags.values()), efo=earlier.efo or self.efo, test=test)

    def record(self) -> dict[str, Any]:
        """Return it as plain data; only what is not the whole says so."""
        tags = tuple({name: getattr(tag, name) for name in _OF_A_TAG} for tag in self.tags)
        efo = None if self.efo is None else {name: getattr(self.efo, name) for name in _OF_A_LATCH}
        whole = {"tags": tags, "efo": efo, "test": self.test}
        return whole if self.known else {**whole, "known": False}

    @classmethod
    def recorded(cls, data: Mapping[str, Any]) -> Self:
        """Return what `record` gave. Raises KeyError or TypeError where it did not."""
        tags = tuple(Tag(**tag) for tag in data["tags"])
        efo = Latch(**data["efo"]) if data["efo"] is not None else None
        return cls(tags=tags, efo=efo, test=data["test"], known=data.get("known", True))


def switched(holds: Holds, mode: Mode, order: Order, device: str) -> tuple[Holds, str] | Refusal:
    """Return what `order` makes of `holds` and how to say it, or why it is refused."""
    if not holds.known and order.action is not Switch.LOCK_OUT:
        return Refusal(Rule.HOLDS, device, NOT_KNOWN)
    match order.action:
        case Switch.LOCK_OUT:
            return _locked_out(holds, order, device)
        case Switch.LIFT:
            return _lifted(holds, order, device)
        case Switch.TEST:
            return _test_begun(holds, mode, order, device)
        case Switch.END_TEST:
            return _test_ended(holds, order, device)
    return _released(holds, order, device)


def _locked_out(holds: Holds, order: Order, device: str) -> tuple[Holds, str] | Refusal:
    if not order.reason:
        return Refusal(Rule.LOCKED_OUT, device, said("a lock-out needs its reason: say what is being worked on"))
    tag = Tag(order.id, order.who, order.reason)
    return replace(holds, tags=(*holds.tags, tag)), said("locked out by {owner}: {why}", owner=tag.owner, why=tag.why)


def _lifted(holds: Holds, order: Order, device: str) -> tuple[Holds, str] | Refusal:
    if not holds.tags:
        return holds, said("nothing to do: nothing is locked out")
    if any(same(tag.owner, order.who) for tag in holds.tags):
        rest = tuple(tag for tag in holds.tags if not same(tag.owner, order.who))
        return replace(holds, tags=rest), _lifted_text(rest)
    if any(same(tag.asked_by, order.who) for tag in holds.tags):
        because = said("{who} has asked already: a second person lifts another's lock-out", who=order.who)
        return Refusal(Rule.LOCKED_OUT, device, because)
    if order.together_with is not None:
        lifted = said(
            "{owners}'s lock-out is lifted by {who} together with {first}",
            owners=owners(holds.tags),
            who=order.who,
            first=order.together_with.by,
        )
        return replace(holds, tags=()), lifted
    rest = tuple(replace(tag, asked_by=order.who) for tag in holds.tags if not tag.asked_by)
    done = tuple(tag for tag in holds.tags if tag.asked_by)
    told = [said("{owners}'s lock-out is lifted", owners=owners(done))] if done else []
    if rest:
        noted = said(
            "noted, NOT lifted yet: a second person besides {who} lifts {owners}'s lock-out",
            who=order.who,
            owners=owners(rest),
        )
        told.append(noted)
    return replace(holds, tags=rest), together(told)


def _lifted_text(rest: tuple[Tag, ...]) -> str:
    return said("still locked out by {owners}", owners=owners(rest)) if rest else said("lifted")


def owners(tags: tuple[Tag, ...]) -> str:
    """Name those who have hung `tags`."""
    return ", ".join(dict.fromkeys(tag.owner for tag in tags))


def _test_begun(holds: Holds, mode: Mode, order: Order, device: str) -> tuple[Holds, str] | Refusal:
    if same(holds.test, order.who):
        return holds, said("it is in test already")
    if mode is Mode.TEST:
        return Refusal(Rule.TEST, device, said("{who} holds it in test: one person at a time", who=holds.test))
    if mode is not Mode.REMOTE:
        because = said("it is in {mode}: the modes exclude one another", mode=word(mode))
        return Refusal(Rule.EXCLUSIVE, device, because)
    return replace(holds, test=order.who), said("in test, held by {who}", who=order.who)


def _test_ended(holds: Holds, order: Order, device: str) -> tuple[Holds, str] | Refusal:
    if not holds.test:
        return holds, said("nothing to do: it was not in test")
    if not same(order.who, holds.test) and order.role not in SUPERVISING:
        because = said("{who} holds it in test: that person, or a supervisor, ends it", who=holds.test)
        return Refusal(Rule.TEST, device, because)
    return replace(holds, test=""), said("test ended")


def _released(holds: Holds, order: Order, device: str) -> tuple[Holds, str] | Refusal:
    latch = holds.efo
    if latch is None:
        return holds, said("nothing to do: no emergency is latched")
    if _station(order.role) == _station(latch.role):
        because = said(
            "fired by {who} as {role}: a person of another role resets it", who=latch.by, role=word(latch.role)
        )
        if order.role != latch.role:
            because = said(
                "fired by {who} as {role}, whose controls a {other} has too: a person of another role resets it",
                who=latch.by,
                role=word(latch.role),
                other=word(order.role),
            )
        if order.together_with is not None:
            because = said(
                "{why}, and is the second to ask: {who} counts as the first from now on", why=because, who=order.who
            )
        return Refusal(Rule.EFO, device, because)
    reset = said("reset by {who} as {role}", who=order.who, role=word(order.role))
    if order.together_with is not None:
        reset = said("{done} together with {first}", done=reset, first=order.together_with.by)
    return replace(holds, efo=None), reset


def _station(role: str) -> str:
    """Return whose controls a role has: a technician has the operator's, and cannot reset what those have fired (R06)."""
    return "operator" if role == "technician" else role


RESET_FIRST = said("it has to be reset first")


def forbidden(holds: Holds, mode: Mode, device: str, order: Order | None, until: str = RESET_FIRST) -> list[Refusal]:
    """Return why `mode` forbids a motion, `order` or anybody's (None); `until` is what to do about a latched emergency."""
    if mode is Mode.UNKNOWN and not holds.known and holds.efo is None:
        return [Refusal(Rule.HOLDS, device, NOT_KNOWN)]
    if mode is Mode.MAINTENANCE:
        return [
            Refusal(
                Rule.LOCKED_OUT,
                device,
                said("locked out by {owner}: {why} (tag {tag})", owner=t.owner, why=t.why, tag=t.tag),
            )
            for t in holds.tags
        ]
    if mode is Mode.EFO and holds.efo is not None:
        if order is not None and order.emergency:
            return []
        because = said("emergency latched by {who}: {until}", who=holds.efo.by, until=until)
        return [Refusal(Rule.EFO, device, because)]
    if mode is Mode.TEST:
        if order is not None and same(order.who, holds.test):
            return []
        return [Refusal(Rule.TEST, device, said("{who} holds it in test", who=holds.test))]
    words = {Mode.LOCAL: said("the key switch is in local"), Mode.UNKNOWN: said("the key switch cannot be read")}
    return [Refusal(Rule.MODE, device, words[mode])] if mode in words else []
