"""What goes wrong with people, as answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from controller.api.answers import Problem
from controller.api.bodies import invalid
from controller.people.errors import (
    LastAdministrator,
    NoSuch,
    PeopleError,
    StoreUnavailable,
    Taken,
    TooBusy,
    TooManyAttempts,
    Unfit,
    WrongCredentials,
)

BUSY_S = 2
"""When to try again where many log in at once."""


@contextmanager
def told(*, wrong: str = "wrong-credentials", status: int = 401) -> Iterator[None]:
    """Answer with what goes wrong within; what is `wrong` in a password or a code is answered with this code."""
    try:
        yield
    except PeopleError as error:
        raise _problem(error, wrong, status) from None


def _problem(error: PeopleError, wrong: str, status: int) -> Problem:
    match error:
        case WrongCredentials():
            return Problem(status, wrong, str(error))
        case TooManyAttempts():
            return Problem(429, "too-many-attempts", str(error), {"Retry-After": str(error.retry_s)})
        case TooBusy():
            return Problem(503, "too-many-logins", str(error), {"Retry-After": str(BUSY_S)})
        case StoreUnavailable():
            return Problem(503, "people-unavailable", f"nothing was done: {error}")
        case Unfit():
            return invalid(error.field, error.what)
        case Taken():
            return Problem(409, "exists", str(error))
        case LastAdministrator():
            return Problem(409, "last-administrator", str(error))
        case NoSuch():
            return Problem(404, f"no-such-{error.what}", f"{error}; GET /api/v1/{error.what}s lists them")
    raise error
