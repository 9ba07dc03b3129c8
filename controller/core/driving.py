"""The outputs of a mover: what they have to be, and how soon they have to be so.

They are levels that follow from the state, so no transition can forget one (rule 4).
"""

from __future__ import annotations

from controller.core.device import Effect
from controller.core.mover import GOALS, MOTIONS, Mover
from controller.core.outputs import RELEASE_S
from controller.core.readings import Value
from controller.core.spec import Action

_BROUGHT = {state: action for action, state in GOALS.items()}
"""The motion that leads to each limit."""


def levels(mover: Mover, now: float) -> dict[str, Value]:
    """Return the output levels that follow from the state."""
    drive = mover.spec.drive
    by_hand = {} if mover.force is None or mover.force.over else {mover.force.order.point: mover.force.order.level}
    if drive.type == "setpoint":
        return {"command": drive.codes[mover.motion or Action.STOP], **by_hand}
    pulse = now < mover.pulse_until
    on = drive.type == "held" or pulse
    wanted: dict[str, Value] = {action.value: on and action is mover.motion for action in MOTIONS}
    if "stop" in mover.spec.outputs:
        wanted["stop"] = pulse and not mover.moving
    return {**wanted, **by_hand}


def driven(mover: Mover, now: float) -> tuple[Mover, list[Effect]]:
    """Ask for the outputs of the present state where the wire has not acknowledged them and no write of them is under way.

    What ends a motion, takes steel back or is an emergency does not queue behind orders. The release of what has surely only
    brought steel to its limit lets an emergency go first: on a line that many share what is to rise must not wait for what has
    risen.
    """
    wanted = levels(mover, now)
    if mover.down or not mover.lacks(wanted):
        return mover, []
    force = mover.force
    if force is not None and not (force.issued or force.over):
        mover, drive = mover.asking(wanted, force.order.expires, force.order.id)
    elif mover.order is not None and mover.starting and not mover.returning:
        urgent = mover.order.emergency
        mover, drive = mover.asking(wanted, mover.order.expires, mover.order.id, urgent=urgent)
    elif now >= mover.retry_at:
        at_rest = _arrived(mover)
        mover, drive = mover.asking(wanted, now + RELEASE_S, urgent=not at_rest, at_rest=at_rest)
    else:
        return mover, []
    return mover, [drive]


def _arrived(mover: Mover) -> bool:
    """Tell whether what is on is surely no more than what has brought it to the limit where it rests."""
    brought, drive = _BROUGHT.get(mover.state), mover.spec.drive
    if brought is None or not mover.settled:
        return False
    if drive.type == "setpoint":
        return mover.acked["command"] == drive.codes[brought]
    return not any(level for name, level in mover.acked.items() if name != brought)
