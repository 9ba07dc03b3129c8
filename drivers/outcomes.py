"""What can become of something asked of a peer, whoever asked, and the link error that says so (controller.ports)."""

from __future__ import annotations

from controller.ports import Expired, Garbled, LinkError, Mute, Refusing, Unit, Unreachable, Withdrawn
from drivers.turns import Broken, Closed


class NoConnection(Exception):
    """There is no connection, and nothing was sent or done."""


class NoAnswer(Exception):
    """It went out; no whole answer came in time, or the connection was lost before it came."""


class Refused(Exception):
    """The peer answered that it will not."""


class Unfit(Exception):
    """The answer does not fit what was asked."""


KINDS: dict[type[Exception], type[LinkError]] = {
    NoConnection: Unreachable,
    Closed: Unreachable,
    Broken: Mute,
    NoAnswer: Mute,
    Refused: Refusing,
    Unfit: Garbled,
}
OUTCOMES = tuple(KINDS)
LOST = (NoConnection, NoAnswer, Unfit)
"""What a connection does not survive."""


def told(link: str, unit: Unit, error: Exception) -> LinkError:
    """Return the link error for one of `OUTCOMES`."""
    return KINDS[type(error)](link, unit.name, str(error) or "the link was closed")


def halfway(error: LinkError | Expired | Withdrawn, done: int, requests: int) -> LinkError | Expired | Withdrawn:
    """Return the same error, as one of a part, for an order of which `done` requests had been acknowledged."""
    before = f"{done} of {requests} requests were acknowledged before"
    if isinstance(error, LinkError):
        return type(error)(error.link, error.unit, f"{error.detail}; {before}", part=True)
    return type(error)(f"{error}; {before}", part=True)
