"""What happens to a passage: what the board shows of its movers and loops, and what is ordered because of it.

`step` is the whole of it: a passage, an event, the board and the time go in; the passage after it, what to order and to tell, and
the next waking time come out. A passage orders through the same door as a person, so every interlock holds for it. It looks at
the loops itself to follow the vehicle, and so as not to order what would be refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

from controller.core.command import Life, Refusal, Rule
from controller.core.device import Device, Neighbours, Progress, soonest
from controller.core.mover import Mover
from controller.core.passage import Effect, Ended, Event, Form, Give, Leg, Passage, Reached, Release, Step, TookOver
from controller.core.passage_table import STANDING, TABLE, Facts
from controller.core.refusals import CLEAR_S
from controller.core.replacing import replace
from controller.core.said import said, together, word
from controller.core.spec import MoverSpec

SETTLE_S, SETTLE_LOOK_S = 5.0, 0.1
"""How long the second row of an airlock waits until the outputs of the first are known to be released, and how often it looks.

After that it is ordered none the less, and refused with that reason (PAS 69)."""

_LOST = ("unknown", "offline", "fault")
_Found = tuple[int, str, str]
"""Which point, what the table is to be told, and why."""


@dataclass(frozen=True, slots=True)
class _Loops:
    """What the loops of a mover say together; `clear_at` is from when on the way may be closed if nothing comes."""

    blind: str
    occupied: str
    clear_at: float


def step(passage: Passage, event: Event, board: Neighbours, now: float) -> Step:
    """Return what `event` makes of `passage`."""
    effects: list[Effect] = []
    passage = _taken_in(passage, event, now, effects)
    if passage.holding and passage.hold_until is not None and now >= passage.hold_until:
        passage = replace(passage, release=Release.TIME)
    # It comes to rest: each round takes one point further, and none goes in a circle without an order's end in it.
    while (found := next(_found(passage, board, now), None)) is not None:
        passage = _moved(passage, found, board, now, effects)
    return Step(passage, tuple(effects), _wake_at(passage, board, now))


def refusals(passage: Passage, board: Neighbours, now: float) -> tuple[Refusal, ...]:
    """Return why a passage may not be begun: nothing would tell when the way may be closed again (R12).

    A route is held open for people, who end it: its points need no loop for that.
    """
    if passage.form is Form.ROUTE:
        return ()
    found: list[Refusal] = []
    for leg in passage.legs:
        if not _mover(board, leg).spec.presence:
            because = said(
                "no loop tells when a vehicle has passed, so nothing may close it by itself; open and secure it"
            )
            found.append(Refusal(Rule.UNATTENDED, leg.mover, because))
        elif blind := _loops(_mover(board, leg).spec, board, now).blind:
            because = said("{why}: it could not close by itself", why=blind)
            found.append(Refusal(Rule.UNATTENDED, leg.mover, because))
    return tuple(found)


def _mover(board: Neighbours, leg: Leg) -> Mover:
    return cast("Mover", board[leg.mover])


def _loops(spec: MoverSpec, board: Neighbours, now: float) -> _Loops:
    """Look at the loops that veto the securing motion, with the eyes of R09: what is not surely clear is not clear."""
    shown = {name: _shown(board.get(name), now) for name in spec.presence}
    unclear = ((name, state) for name, state in shown.items() if state not in ("clear", "occupied"))
    blind = next((said("{loop} is {state}", loop=name, state=state) for name, state in unclear), "")
    occupied = next((said("{loop} occupied", loop=name) for name, state in shown.items() if state == "occupied"), "")
    since = max((board[name].since for name, state in shown.items() if state == "clear"), default=-math.inf)
    return _Loops(blind, occupied, since + CLEAR_S)


def _shown(loop: Device | None, now: float) -> str:
    if loop is None:
        return said("not supervised")
    known = all(loop.trusts(signal, now) for signal in loop.spec.inputs)
    return word(loop.state) if known else said("not known ({state})", state=word(loop.state))


def _taken_in(passage: Passage, event: Event, now: float, effects: list[Effect]) -> Passage:
    match event:
        case Progress():
            return replace(passage, legs=tuple(_followed(leg, event) for leg in passage.legs))
        case TookOver(mover, order):
            # An order to one row of an airlock is a decision about both; a point of a route stands for itself.
            whole = passage.form is not Form.ROUTE
            why = said("order {order} to {device} took over", order=order, device=mover)
            return _cancelled(passage, lambda leg: whole or leg.mover == mover or not leg.orders, why, now, effects)
        case Ended(why):
            holding = passage.holding
            passage = replace(passage, release=Release.PERSON)
            return _cancelled(passage, lambda leg: not holding or not leg.orders, why, now, effects)
    return passage


def _followed(leg: Leg, progress: Progress) -> Leg:
    if progress.order != leg.order or leg.life.ended:
        return leg
    refused = progress.refusals or leg.refusals
    return replace(leg, life=progress.life, because=progress.because, refusals=refused)


def _cancelled(passage: Passage, which: Callable[[Leg], bool], why: str, now: float, effects: list[Effect]) -> Passage:
    legs = []
    for leg in passage.legs:
        if which(leg) and not leg.ended:
            leg = _entered(leg, "cancel", why, now, effects)
        legs.append(leg)
    return replace(passage, legs=tuple(legs))


def _entered(leg: Leg, event: str, why: str, now: float, effects: list[Effect], give_up: int = 0) -> Leg:
    state = TABLE.next(leg.state, event, Facts(leg.returns, give_up))
    effects.append(Reached(leg.mover, state, why))
    return replace(leg, state=state, since=now, why=why)


def _moved(passage: Passage, found: _Found, board: Neighbours, now: float, effects: list[Effect]) -> Passage:
    """Take one point further, and give the order that goes with its new state."""
    index, event, why = found
    leg = passage.legs[index]
    spec = _mover(board, leg).spec
    leg = replace(leg, returns=leg.returns + (event == "returned"), seen=leg.seen or event == "vehicle")
    leg = _entered(leg, event, why, now, effects, spec.give_up)
    if leg.state in ("opening", "securing"):
        opens = leg.state == "opening"
        order = f"{passage.id}:{leg.mover}:{leg.orders + 1}"
        leg = replace(leg, order=order, life=Life.RECEIVED, because="", refusals=(), orders=leg.orders + 1)
        effects.append(Give(order, leg.mover, spec.opens if opens else spec.secures, automatic=not opens))
    return replace(passage, legs=(*passage.legs[:index], leg, *passage.legs[index + 1 :]))


def _found(passage: Passage, board: Neighbours, now: float) -> Iterator[_Found]:
    """Return what is to be told of the points, in their sequence."""
    for index, leg in enumerate(passage.legs):
        found = None
        if leg.state == "requested":
            found = _turn(passage, index, board, now)
        elif leg.state == "opening" and leg.life.ended:
            found = _opening_ended(leg, _mover(board, leg))
        elif leg.state == "securing" and leg.life.ended:
            found = _securing_ended(leg, _mover(board, leg))
        elif leg.state == "held":
            found = _held(_mover(board, leg))
        elif leg.state in STANDING:
            found = _standing(passage, leg, board, now)
        if found is not None:
            yield (index, *found)


def _turn(passage: Passage, index: int, board: Neighbours, now: float) -> tuple[str, str] | None:
    """Tell whether it is the turn of a point that has not begun."""
    before = passage.legs[index - 1] if index else None
    if passage.release is not None:
        return "cancel", passage.release.told
    if before is None:
        return "begin", ""
    if passage.form is Form.ROUTE:
        return ("begin", "") if before.decided else None
    if not before.ended:
        return None
    if before.state == "done" and before.seen:
        if now < before.since + SETTLE_S and not _mover(board, before).settled:
            return None
        return "begin", said("{point} is secured behind the vehicle", point=before.mover)
    if before.state == "done":
        return "cancel", said("no vehicle came in")
    return "cancel", said("{point} {stage}", point=before.mover, stage=word(before.state))


def _opening_ended(leg: Leg, mover: Mover) -> tuple[str, str]:
    match leg.life:
        case Life.CONFIRMED if mover.state == mover.spec.open_state:
            return "opened", ""
        case Life.CONFIRMED:
            return "unopened", said("it is {state} again", state=word(mover.state))
        case Life.REFUSED:
            return "refused", _reasons(leg)
        case Life.EXPIRED:
            return "late", leg.because
        case Life.SUPERSEDED:
            return "cancel", leg.because
    return "unopened", leg.because


def _securing_ended(leg: Leg, mover: Mover) -> tuple[str, str] | None:
    """Tell what became of the order to secure. Steel that is on its way back, or not read since it stopped, is waited for."""
    spec = mover.spec
    if leg.life is Life.SUPERSEDED:
        return "cancel", leg.because
    if mover.state in _LOST:
        return "lost", _lost_sight(mover)
    if mover.moving or mover.read_at is None:
        return None
    if mover.state == spec.secured_state:
        return "secured", ""
    if leg.life is Life.REFUSED or leg.refusals:
        # Nothing was sent: it was refused at once, or when what it waited for was over.
        vetoed = all(refusal.rule is Rule.PRESENCE for refusal in leg.refusals)
        return "vetoed" if leg.refusals and vetoed else "kept", _reasons(leg)
    if mover.state == spec.open_state:
        returns = leg.returns + 1
        if returns < spec.give_up:
            return "returned", leg.because
        return "returned", said("{why}; it came back {times} times", why=leg.because, times=returns)
    return "kept", said("it is {state}: {why}", state=word(mover.state), why=leg.because)


def _reasons(leg: Leg) -> str:
    return together([refusal.told for refusal in leg.refusals]) or leg.because


def _lost_sight(mover: Mover) -> str:
    return said("it is {state}: {why}", state=word(mover.state), why=mover.why)


def _held(mover: Mover) -> tuple[str, str] | None:
    if mover.state in _LOST:
        return "lost", _lost_sight(mover)
    return ("secured", "") if mover.state == mover.spec.secured_state else None


def _standing(passage: Passage, leg: Leg, board: Neighbours, now: float) -> tuple[str, str] | None:
    """Tell what the mover and its loops show of a point that stands open."""
    mover = _mover(board, leg)
    spec = mover.spec
    if mover.state in _LOST:
        return "lost", _lost_sight(mover)
    if mover.state != spec.open_state:
        return "astray", said("it is {state}, which nobody ordered", state=word(mover.state))
    loops = _loops(spec, board, now)
    if loops.blind:
        return None if passage.holding else ("blind", loops.blind)
    if loops.occupied:
        return ("vehicle", loops.occupied) if leg.state != "occupied" else None
    if leg.state == "occupied":
        return "clear", ""
    if passage.release is Release.TIME and not spec.presence:
        return "blind", said("it has no loop, so only a person may close it")
    if now < _close_at(passage, leg, loops, spec) or not _may_close(passage):
        return None
    return "close", _cause(passage, leg, spec)


def _close_at(passage: Passage, leg: Leg, loops: _Loops, spec: MoverSpec) -> float:
    """Return from when on a point may be closed if its loops stay clear."""
    if passage.holding:
        return math.inf
    if passage.form is Form.ROUTE:
        return loops.clear_at
    wait_s = CLEAR_S if leg.state == "cleared" else spec.no_show_s
    return max(loops.clear_at, leg.since + wait_s)


def _may_close(passage: Passage) -> bool:
    """Points of a route are secured one at a time."""
    return all(leg.state != "securing" for leg in passage.legs)


def _cause(passage: Passage, leg: Leg, spec: MoverSpec) -> str:
    if passage.release is not None:
        return passage.release.told
    if leg.state == "cleared":
        return said("the vehicle has passed")
    return said("no vehicle within {seconds:g} s", seconds=spec.no_show_s)


def _wake_at(passage: Passage, board: Neighbours, now: float) -> float | None:
    due = [passage.hold_until] if passage.holding else []
    for index, leg in enumerate(passage.legs):
        if leg.state == "requested" and passage.legs[index - 1].state == "done":
            due.append(now + SETTLE_LOOK_S)
        if leg.state in STANDING:
            spec = _mover(board, leg).spec
            due.append(_close_at(passage, leg, _loops(spec, board, now), spec))
    return soonest(*(at for at in due if at is not None and now < at < math.inf))
