"""How one exchange on a Modbus wire may end, other than with its answer."""

from __future__ import annotations


class NoConnection(Exception):
    """There is no connection, and nothing was sent."""


class TooLate(Exception):
    """Its time had passed before a byte of it was taken; nothing was sent."""


class NoAnswer(Exception):
    """The request went out, and no whole answer came in time."""


class Lost(Exception):
    """The request went out, and the connection was lost before its answer."""


class Declined(Exception):
    """The unit, or a gateway before it, answered with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code
