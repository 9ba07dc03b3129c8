"""Which OPC UA status code, and which error out of asyncua, means what for the request that meets it (Part 4, 7.38)."""

from __future__ import annotations

import struct

from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.status_codes import get_name_and_doc as name_and_doc
from asyncua.ua.uaerrors import UaStatusCodeError

from drivers.outcomes import NoAnswer, NoConnection, Refused, Unfit

SESSION_GONE = frozenset(
    {
        StatusCodes.BadSessionIdInvalid,
        StatusCodes.BadSessionClosed,
        StatusCodes.BadSessionNotActivated,
        StatusCodes.BadSecureChannelIdInvalid,
    }
)
OUTCOME_UNKNOWN = frozenset(
    {
        StatusCodes.BadTimeout,
        StatusCodes.BadRequestTimeout,
        StatusCodes.BadConnectionClosed,
        StatusCodes.BadCommunicationError,
    }
)

# What asyncua lets through: its own errors, the socket's, and whatever a malformed body does to its decoder.
RAISED = (RuntimeError, OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, struct.error)


def name_of(code: int) -> str:
    """Return a status code's name, or its number where it has none."""
    name: str = name_and_doc(code)[0]
    return name


def verdict(code: int) -> Exception:
    """Return what a bad status code means for the request that it answers."""
    if code in SESSION_GONE:
        return NoConnection(f"the server knows no such session: {name_of(code)}")
    return NoAnswer(f"the server gave up: {name_of(code)}") if code in OUTCOME_UNKNOWN else Refused(name_of(code))


def meaning(error: Exception, connected: bool) -> Exception:
    """Return what an error out of asyncua means for the request that met it."""
    if not connected:
        return NoAnswer(f"the connection was lost before the answer: {error}")
    if isinstance(error, UaStatusCodeError):
        return verdict(error.code)
    return Unfit(f"{type(error).__name__}: {error}")
