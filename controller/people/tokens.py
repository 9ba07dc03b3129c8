"""The tokens of programs: a name, a role, an end. Of the token itself, which is random, only its SHA-256 is kept."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any

from controller.core import people
from controller.people import rules
from controller.people.errors import NoSuch, Taken, Unfit
from controller.people.roles import MACHINE_ROLES, Role
from controller.people.sessions import digest, new_token

DAYS_MAX = 366
TOKENS_MAX = 200


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What is kept of a token. `created` and `expires` are RFC 3339 UTC."""

    id: str
    key: str
    name: str
    role: Role
    digest: str
    created: str
    expires: str
    by: str

    @property
    def principal(self) -> str:
        """Return who acts with it."""
        return f"token:{self.name}"

    def shown(self) -> dict[str, Any]:
        """Return what may be told of it."""
        return {name: getattr(self, name) for name in ("id", "name", "role", "created", "expires", "by")}


def read(connection: sqlite3.Connection) -> list[ApiToken]:
    """Return every token."""
    rows = connection.execute(
        "SELECT id, key, name, role, digest, created, expires, by FROM token ORDER BY created, id"
    )
    return [ApiToken(i, k, n, Role(role), d, c, e, by) for i, k, n, role, d, c, e, by in rows]


def add(
    connection: sqlite3.Connection,
    name: str,
    role: str,
    days: float,
    by: str,
    now: datetime,
    label: Callable[[datetime], str],
) -> tuple[str, ApiToken]:
    """Make a token within a transaction, and return it with what is kept of it. Raises Unfit, Taken."""
    found, wanted = rules.name(name), rules.role(role)
    if wanted not in MACHINE_ROLES:
        raise Unfit("role", f"expected one of {', '.join(MACHINE_ROLES)}: a program manages no users")
    if not 0 < days <= DAYS_MAX:
        raise Unfit("days", f"expected more than 0, at most {DAYS_MAX}, found {days:g}")
    held = read(connection)
    if any(token.key == people.key(found) for token in held):
        raise Taken(f"there is a token {found} already")
    if len(held) >= TOKENS_MAX:
        raise Unfit("name", f"there are {TOKENS_MAX} tokens already; remove one that is not needed")
    secret = new_token()
    token = ApiToken(
        secrets.token_hex(6),
        people.key(found),
        found,
        wanted,
        digest(secret),
        label(now),
        label(now + timedelta(days=days)),
        by,
    )
    connection.execute("INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?)", astuple(token))
    return secret, token


def remove(connection: sqlite3.Connection, name: str) -> ApiToken:
    """Remove the token of this id or name within a transaction. Raises NoSuch."""
    for token in read(connection):
        if name == token.id or people.same(name, token.name):
            connection.execute("DELETE FROM token WHERE id = ?", [token.id])
            return token
    raise NoSuch("token", name)
