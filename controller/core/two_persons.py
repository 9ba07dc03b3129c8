"""What takes two people: to end a lockdown, to open under one, to lift another's lock-out (the two-person rule).

The first who asks is refused and told what is missing; that is kept as a *wish*. A different person who asks for the same at
the same device within a minute has it carried out, and both are named. A wish dies with its minute, when it was carried out,
when what it is about has changed, with every stop and every emergency of the device, and with the controller: it is never
restored.

Only people who have proven who they are (`Order.person`) come under the rule, and only they make or second a wish: a name that
is a claim proves no second person. What blocks the way, or stops, needs nobody's agreement.
"""

from __future__ import annotations

from controller.core.command import Order, Output, Refusal, Rule, Switch, Wish
from controller.core.modes import Holds, Mode, owners
from controller.core.mover import GOALS, Mover
from controller.core.people import same
from controller.core.replacing import replace
from controller.core.said import said, word
from controller.core.spec import Action

WITHIN_S = 60.0
"""Within what time of the first the second person has to ask."""


def living(mover: Mover, now: float) -> Mover:
    """Return `mover` without the wishes whose time is over, and those about what is not there any more."""
    if not mover.wishes:
        return mover
    left = tuple(wish for wish in mover.wishes if now < wish.until and _about(wish.action, mover.holds) == wish.about)
    return mover if left == mover.wishes else replace(mover, wishes=left)


def seconded(mover: Mover, order: Order) -> Order:
    """Return `order` with the living wish of another person that it seconds; as it is where there is none, or none is needed."""
    if not needed(mover, order):
        return order
    wishes = (wish for wish in mover.wishes if wish.action == order.action and not same(wish.by, order.who))
    return replace(order, together_with=next(wishes, None))


def needed(mover: Mover, order: Order) -> bool:
    """Tell whether this order of a person takes two."""
    if not order.person or not mover.holds.known:
        return False
    if order.action is Switch.LIFT:
        return bool(mover.holds.tags) and not any(same(tag.owner, order.who) for tag in mover.holds.tags)
    if order.action is Switch.RELEASE:
        return mover.holds.efo is not None
    return opens(mover, order) and mover.mode is Mode.EFO and not order.of_zone


def opens(mover: Mover, order: Order) -> bool:
    """Tell whether a person orders this very device to open; of a passage, nobody stands behind each motion."""
    return order.person and order.action is mover.spec.opens and not order.passage


def agreed(order: Order, holds: Holds) -> bool:
    """Tell whether two people have asked for `order`, and what they agreed on is still what is held."""
    wish = order.together_with
    return wish is not None and wish.about == _about(wish.action, holds)


def takes_two(mover: Mover) -> Refusal:
    """Say that it takes two to open a mover under a lockdown, whoever asks."""
    because = said("it opens when two different people ask for it within {seconds:g} s", seconds=WITHIN_S)
    latch = mover.holds.efo
    told = because if latch is None else said("emergency latched by {who}: {until}", who=latch.by, until=because)
    return Refusal(Rule.TWO_PERSONS, mover.spec.id, told)


def missing(mover: Mover, order: Order, now: float) -> Refusal:
    """Say what is missing after `order`, which nobody seconds yet: who has asked, until when another has to, and what follows."""
    own = _own(mover, order)
    left_s = max(1, round(WITHIN_S if own is None else own.until - now))
    has = said("{who} has asked for it", who=order.who)
    if own is not None:
        has = said("{who} has asked for it already", who=order.who)
    role, then = _outcome(mover, order)
    because = said(
        "{has}: somebody else has to ask for the same within {seconds} s; then {then}",
        has=has,
        seconds=left_s,
        then=then,
    )
    if role:
        because = said(
            "{has}: somebody else, in another role than {role} (R06), has to ask for the same within {seconds} s; "
            "then {then}",
            has=has,
            role=word(role),
            seconds=left_s,
            then=then,
        )
    return Refusal(Rule.TWO_PERSONS, mover.spec.id, because)


def asked(mover: Mover, order: Order, now: float) -> Mover:
    """Return `mover` with the wish that `order` is; the same person again gains no time by it."""
    if _own(mover, order) is not None:
        return mover
    about = _about(order.action, mover.holds)
    others = tuple(wish for wish in mover.wishes if wish.action != order.action)
    return replace(mover, wishes=(*others, Wish(order.action, order.who, order.id, now + WITHIN_S, about)))


def taken_back(mover: Mover) -> Mover:
    """Return `mover` without any wish."""
    return replace(mover, wishes=()) if mover.wishes else mover


def carried_out(mover: Mover, order: Order) -> Mover:
    """Return `mover` without the wish that `order` has carried out: nobody seconds it once more."""
    if order.together_with is None:
        return mover
    return replace(mover, wishes=tuple(wish for wish in mover.wishes if wish != order.together_with))


def _own(mover: Mover, order: Order) -> Wish | None:
    return next((wish for wish in mover.wishes if wish.action == order.action and same(wish.by, order.who)), None)


def _about(action: Action | Switch | Output, holds: Holds) -> str:
    if action is Switch.LIFT:
        return ",".join(tag.tag for tag in holds.tags)
    return "" if holds.efo is None else holds.efo.order


def _outcome(mover: Mover, order: Order) -> tuple[str, str]:
    """Return the role that the second may not have, empty for none, and in words what the second order does."""
    holds = mover.holds
    if order.action is Switch.LIFT:
        return "", said("{owners}'s lock-out is lifted", owners=owners(holds.tags))
    if order.action is Switch.RELEASE and holds.efo is not None:
        then = said("the emergency fired by {who} is reset, and nothing moves by that", who=holds.efo.by)
        return holds.efo.role, then
    return "", said("it is {state}, and the lockdown stays", state=word(GOALS[Action(order.action)]))
