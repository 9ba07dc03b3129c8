"""What can go wrong with people.

RempartError
└── PeopleError
├── StoreUnavailable   people.db cannot be used; says why, and what to do
├── WrongCredentials   the name, the password or the code is wrong; never which
├── TooManyAttempts    wait `retry_s` seconds
├── TooBusy            more passwords wait to be checked than can be checked soon
├── Unfit              `field` is not what it must be
├── Taken              somebody has this name already
├── NoSuch             there is no such user, or no such token
└── LastAdministrator  nobody would be left who can manage users
"""

from __future__ import annotations

from controller.ports import RempartError


class PeopleError(RempartError):
    """Something about people could not be done."""


class StoreUnavailable(PeopleError):
    """people.db cannot be used."""


class WrongCredentials(PeopleError):
    """The name, the password or the code is wrong."""


class TooManyAttempts(PeopleError):
    """Too many have failed: wait `retry_s` seconds."""

    def __init__(self, retry_s: int) -> None:
        super().__init__(f"too many attempts have failed; try again in {retry_s} s")
        self.retry_s = retry_s


class TooBusy(PeopleError):
    """More passwords wait to be checked than can be checked soon."""

    def __init__(self) -> None:
        super().__init__("too many people log in at this moment; try again in a few seconds")


class Unfit(PeopleError):
    """A field is not what it must be."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"{field}: {what}")
        self.field, self.what = field, what


class Taken(PeopleError):
    """Somebody has this name already."""


class NoSuch(PeopleError):
    """There is no such user, or no such token: `what`."""

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"there is no {what} {name!r}")
        self.what = what


class LastAdministrator(PeopleError):
    """Nobody would be left who can manage users."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is the last administrator who can log in: nobody would be left to manage users; "
            "make another administrator first"
        )
