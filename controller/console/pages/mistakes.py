"""What the API found wrong with a form, by field: each is shown beside the field that it is about."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from controller.console.upstream import Answered
from controller.console.visitor import spoken
from controller.console.words import Tongue, tongue


def _(message: str) -> str:
    """Mark a message for the catalogues; it is said where it is shown."""
    return message


KNOWN = (
    _("expected 12 to 256 characters; a sentence is easily remembered"),
    _("everybody would try this one first; choose another"),
)
"""Sentences of the API that say the same each time, as messages of the catalogues."""

CODES: Mapping[str, tuple[str, str]] = {
    "exists": ("name", _("This name is taken: choose another one.")),
    "last-administrator": (
        "role",
        _("This is the last administrator who can log in: make another administrator first."),
    ),
    "wrong-password": ("old", _("This is not your present password.")),
    "wrong-code": ("code", _("This code is wrong.")),
    "no-such-user": ("", _("This user is gone: somebody has removed it meanwhile.")),
    "no-such-token": ("", _("This token is gone: somebody has removed it meanwhile.")),
    "forbidden": ("", _("Your role may not do this.")),
}
"""By the code of the API's answer: the field that it is about, and what is said."""

SAID_BY_API = frozenset({400, 401, 403, 404, 409, 422, 429})
"""Answers that are about what was asked; all else is the controller's trouble and gets a page of its own."""


def mistakes(error: Answered, spoken_in: Tongue) -> dict[str, str]:
    """Return what is wrong, by field; under "" what is about no field. Raises `error` where it is not about what was asked."""
    if error.status not in SAID_BY_API or (error.status == 401 and error.code not in CODES):
        raise error
    if (wait := wait_s(error)) is not None:
        return {"": waiting(spoken_in, wait)}
    if error.code in CODES:
        field, text = CODES[error.code]
        return {field: spoken_in.say(text)}
    told = error.body.get("error", {})
    fields = {one["field"]: spoken_in.say(one["problem"]) for one in told.get("fields", ())}
    return fields or {"": spoken_in.told({**told, "message": error.message}, "message")}


def wait_s(error: Answered) -> int | None:
    """Return how many seconds the API wants one to wait; None where it says nothing of it."""
    told = error.headers.get("retry-after", "")
    return int(told) if told.isdecimal() else None


def waiting(spoken_in: Tongue, wait: int) -> str:
    """Say for how long one has to wait."""
    text = spoken_in.messages.ngettext(
        "Too many attempts have failed: try again in %(num)s second.",
        "Too many attempts have failed: try again in %(num)s seconds.",
        wait,
    )
    return text % {"num": wait}


def language_of(request: Request) -> Tongue:
    """Return the language of somebody whom nobody knows yet."""
    return tongue(spoken(request))
