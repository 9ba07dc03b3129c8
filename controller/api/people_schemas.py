"""Sessions, users and tokens of programs in openapi.json: their bodies, each with an example, and their routes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from controller.api.describing import answer, error, in_path, operation
from controller.api.people_bodies import (
    FirstBody,
    LanguageBody,
    LoginBody,
    PasswordBody,
    TokenBody,
    UserBody,
    UserChangeBody,
)
from controller.api.schemas import TEXT, TIME, YES_NO, Schema, many, one_of, ref, thing
from controller.people.roles import GRANTED, LANGUAGES, MACHINE_ROLES, Permission, Role

_SESSION_EXAMPLE = {
    "user": "olga",
    "role": "operator",
    "language": "fr",
    "demo": False,
    "expires": "2026-11-22T14:35:00.000Z",
}
_USER_EXAMPLE = {
    "name": "olga",
    "role": "operator",
    "language": "fr",
    "demo": False,
    "disabled": False,
    "created": "2026-11-20T08:00:00.000Z",
}
_TOKEN_EXAMPLE = {
    "id": "5f0c2b9d17aa",
    "name": "traffic desk",
    "role": "viewer",
    "created": "2026-11-20T08:00:00.000Z",
    "expires": "2027-02-18T08:00:00.000Z",
    "by": "ada",
}
_SECRET_EXAMPLE = "Qm9sbGFyZHMgcmlzZSBhdCBuaWdodC4uLg-h4kq7xZ0"  # noqa: S105 (of nothing)
_SECRET: Schema = {"type": "string", "description": "The bearer token; told here and never again."}
_EXPIRES: Schema = {
    "type": ["string", "null"],
    "format": "date-time",
    "description": "RFC 3339 UTC; when it ends if nothing more is asked. Null for what is no session.",
}
_USER_NAME: Schema = {"type": "string", "description": 'The person; "" where nobody has proven to be one.'}
_SESSION: dict[str, Schema] = {
    "user": _USER_NAME,
    "role": one_of(Role),
    "language": one_of(LANGUAGES),
    "demo": {"type": "boolean", "description": "A user of the demo, whose password everybody knows."},
    "expires": _EXPIRES,
}
_USER: dict[str, Schema] = {
    "name": TEXT,
    "role": one_of(Role),
    "language": one_of(LANGUAGES),
    "demo": YES_NO,
    "disabled": YES_NO,
    "created": TIME,
}
_TOKEN: dict[str, Schema] = {
    "id": TEXT,
    "name": TEXT,
    "role": one_of(MACHINE_ROLES),
    "created": TIME,
    "expires": TIME,
    "by": TEXT,
}


def _body(model: type[BaseModel], **example: Any) -> Schema:
    return {**model.model_json_schema(), "examples": [example]}


PEOPLE_SCHEMAS: dict[str, Schema] = {
    "LoginBody": _body(LoginBody, user="olga", password="three grey bollards"),  # noqa: S106 (an example)
    "FirstBody": _body(
        FirstBody,
        code="rS2m0Q0bV1w8Zk3Yt7Lh9PcA",
        user="ada",
        password="a barrier by the sea",  # noqa: S106 (an example)
    ),
    "LanguageBody": _body(LanguageBody, language="fr"),
    "PasswordBody": _body(PasswordBody, old="three grey bollards", new="four green barriers"),
    "UserBody": _body(
        UserBody,
        name="olga",
        role="operator",
        password="three grey bollards",  # noqa: S106 (an example)
        language="fr",
    ),
    "UserChangeBody": _body(UserChangeBody, role="supervisor"),
    "TokenBody": _body(TokenBody, name="traffic desk", role="viewer", days=90),
    "NewSession": thing({"token": _SECRET_EXAMPLE, **_SESSION_EXAMPLE}, token=_SECRET, **_SESSION),
    "Session": thing(
        {**_SESSION_EXAMPLE, "permissions": sorted(GRANTED[Role.OPERATOR])},
        **_SESSION,
        permissions=many(one_of(Permission)),
    ),
    "User": thing(_USER_EXAMPLE, **_USER),
    "Token": thing(_TOKEN_EXAMPLE, **_TOKEN),
    "NewToken": thing({"token": _SECRET_EXAMPLE, **_TOKEN_EXAMPLE}, token=_SECRET, **_TOKEN),
}


def _sent(model: str) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": ref(model)}}}


_NOT_TAKEN = {"413": error("The body is larger than 64 KiB."), "422": error("The body has mistakes (`fields`).")}
_FILE = {"503": error("people.db cannot be used: nothing was done.")}
_NO_SESSION = {"409": error("A local token, or that of a program: there is no session.")}
_DONE: Schema = {"description": "Done."}
_BUSY = error("Too many people log in at this moment (Retry-After), or people.db cannot be used.")
_LATER: Schema = {
    **error("Too many attempts have failed."),
    "headers": {
        "Retry-After": {"description": "In how many seconds the next is looked at.", "schema": {"type": "integer"}}
    },
}


def _login(summary: str, wrong: str, body: str, **more: Schema) -> Schema:
    """Describe a route that needs no token, and gives one."""
    answers = {
        "201": answer("The session, and its token.", ref("NewSession")),
        "401": error(wrong),
        **_NOT_TAKEN,
        "421": error("The Host header is not this machine."),
        "429": _LATER,
        "503": _BUSY,
        **more,
    }
    return operation(summary, answers, security=[], requestBody=_sent(body))


_NAME = ({**in_path("The user's name.", "olga"), "name": "name"},)
_ID = (in_path("The token's id, or its name.", "5f0c2b9d17aa"),)

PEOPLE_PATHS: dict[str, dict[str, Schema]] = {
    "/api/v1/sessions": {
        "post": _login(
            "Log in", "The name or the password is wrong, or the user is disabled; never told which.", "LoginBody"
        )
    },
    "/api/v1/sessions/first": {
        "post": _login(
            "Make the first administrator with the code that the controller told, and log in",
            "The code is wrong, used or too old, or there is a user already.",
            "FirstBody",
            **{"409": error("Somebody else was quicker.")},
        )
    },
    "/api/v1/sessions/current": {
        "get": operation("Who asks, and what that may do", {"200": answer("Who.", ref("Session"))}),
        "delete": operation("Log out", {"204": _DONE, **_NO_SESSION}),
    },
    "/api/v1/sessions/current/language": {
        "put": operation(
            "Read another language",
            {"200": answer("The session as it is now.", ref("Session")), **_NO_SESSION, **_NOT_TAKEN, **_FILE},
            requestBody=_sent("LanguageBody"),
        )
    },
    "/api/v1/sessions/current/password": {
        "put": operation(
            "Take another password, which ends every other session of this person",
            {
                "204": _DONE,
                "403": error("The old password is wrong."),
                **_NO_SESSION,
                **_NOT_TAKEN,
                "429": _LATER,
                "503": _BUSY,
            },
            requestBody=_sent("PasswordBody"),
        )
    },
    "/api/v1/users": {
        "get": operation("Every user", {"200": answer("By name.", many(ref("User")))}),
        "post": operation(
            "Make a user",
            {
                "201": answer("The user.", ref("User")),
                "409": error("Somebody has this name."),
                **_NOT_TAKEN,
                "503": _BUSY,
            },
            requestBody=_sent("UserBody"),
        ),
    },
    "/api/v1/users/{name}": {
        "patch": operation(
            "Change a user; another role or password, and disabling, end the sessions of it",
            {
                "200": answer("The user as it is now.", ref("User")),
                "404": error("No such user."),
                "409": error("The last administrator who can log in stays one."),
                **_NOT_TAKEN,
                "503": _BUSY,
            },
            parameters=_NAME,
            requestBody=_sent("UserChangeBody"),
        ),
        "delete": operation(
            "Remove a user",
            {
                "204": _DONE,
                "404": error("No such user."),
                "409": error("The last administrator who can log in stays."),
                **_FILE,
            },
            parameters=_NAME,
        ),
    },
    "/api/v1/tokens": {
        "get": operation("The tokens of programs", {"200": answer("Oldest first.", many(ref("Token")))}),
        "post": operation(
            "Make the token of a program",
            {
                "201": answer("The token, told once.", ref("NewToken")),
                "409": error("A token has this name."),
                **_NOT_TAKEN,
                **_FILE,
            },
            requestBody=_sent("TokenBody"),
        ),
    },
    "/api/v1/tokens/{id}": {
        "delete": operation(
            "Remove the token of a program, which lets nobody in any more",
            {"204": _DONE, "404": error("No such token."), **_FILE},
            parameters=_ID,
        )
    },
}
