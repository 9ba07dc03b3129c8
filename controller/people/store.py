"""people.db: the users, the tokens of programs, and what has changed about them. Blocking; called from threads.

The command line writes the same file while the controller runs. So every change leaves a line of what it was, in the same
transaction, which the controller moves to its journal; and each change that ends sessions gives the user another epoch.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from controller.core import people
from controller.people import rules, tokens
from controller.people.errors import LastAdministrator, NoSuch, Taken, Unfit
from controller.people.roles import Role
from controller.people.schema import connect, explained
from controller.people.tokens import ApiToken

USERS_MAX = 1000
FAMILIAR_KEPT = 10
"""How many addresses of one user are remembered."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in. `epoch` is another one after each change that ends sessions."""

    key: str
    name: str
    role: Role
    hash: str
    language: str
    demo: bool
    disabled: bool
    created: str
    epoch: int

    def shown(self) -> dict[str, Any]:
        """Return what may be told of it."""
        told = ("name", "role", "language", "demo", "disabled", "created")
        return {name: getattr(self, name) for name in told}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is known, as of one moment: users by key, tokens by digest, and who is familiar where."""

    users: Mapping[str, User]
    tokens: Mapping[str, ApiToken]
    familiar: frozenset[tuple[str, str]]

    def administrators(self) -> list[User]:
        """Return those who can manage users."""
        return [user for user in self.users.values() if user.role is Role.ADMINISTRATOR and not user.disabled]


_USER = ", ".join(field.name for field in fields(User))


def utc_label(at: datetime) -> str:
    """Write an instant as RFC 3339 UTC; in this form earlier ones sort first."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Store:
    """The file. Every method raises StoreUnavailable."""

    def __init__(self, path: Path | None, utc: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Open the file at `path`, made where it is not there; None keeps all of it in memory."""
        self.path, self._utc = path, utc
        self._connection = connect(path)
        self._lock = threading.RLock()

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._connection.close()

    def version(self) -> tuple[int, int]:
        """Return what is another value after each change, whoever made it."""
        with self._reading():
            (others,) = self._connection.execute("PRAGMA data_version").fetchone()
            return others, self._connection.total_changes

    def snapshot(self) -> Snapshot:
        """Return all that is known."""
        with self._transaction("BEGIN"):
            users = [_user(row) for row in self._connection.execute(f"SELECT {_USER} FROM user ORDER BY key")]  # noqa: S608
            familiar = frozenset(self._connection.execute("SELECT key, address FROM familiar"))
            held = tokens.read(self._connection)
        return Snapshot({user.key: user for user in users}, {token.digest: token for token in held}, familiar)

    def user(self, name: str) -> User | None:
        """Return the user of this name, in whatever writing."""
        with self._reading():
            return self._user(people.key(name))

    def add(self, name: str, role: str, hashed: str, language: str = "en", *, by: str, demo: bool = False) -> User:
        """Make a user. Raises Unfit, Taken."""
        found, wanted, language = rules.name(name), rules.role(role), rules.language(language)
        key = people.key(found)
        with self._writing():
            (count,) = self._connection.execute("SELECT count(*) FROM user").fetchone()
            if self._user(key) is not None:
                raise Taken(f"there is a user {found} already")
            if count >= USERS_MAX:
                raise Unfit("name", f"there are {USERS_MAX} users already; remove one that is not needed")
            user = User(key, found, wanted, hashed, language, demo, False, self.label(), self._next_epoch())
            self._connection.execute(f"INSERT INTO user ({_USER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", _row(user))  # noqa: S608
            self.changed("user-added", user=found, role=str(wanted), demo=demo, by=by)
        return user

    def add_first(self, name: str, hashed: str) -> User:
        """Make the first administrator, where there is no user. Raises Unfit, Taken."""
        with self._writing():
            (count,) = self._connection.execute("SELECT count(*) FROM user").fetchone()
            if count:
                raise Taken("there is a user already")
            return self.add(name, Role.ADMINISTRATOR, hashed, by=name)

    def change(self, name: str, by: str, as_of: int | None = None, **values: Any) -> User:
        """Change `role`, `hash`, `language` or `disabled` of a user, with `as_of` only one of that epoch.

        Raises NoSuch, Unfit, LastAdministrator.
        """
        if "role" in values:
            values["role"] = rules.role(values["role"])
        if "language" in values:
            values["language"] = rules.language(values["language"])
        with self._writing():
            user = self._present(name)
            if as_of not in (None, user.epoch):
                raise NoSuch("user as it was of the name", user.name)
            wanted = {field: value for field, value in values.items() if getattr(user, field) != value}
            if not wanted:
                return user
            if wanted.get("disabled") or "role" in wanted:
                self._refuse_last(user)
            if wanted.keys() - {"language"}:
                wanted["epoch"] = self._next_epoch()
            names = ", ".join(f"{field} = ?" for field in wanted)
            self._connection.execute(f"UPDATE user SET {names} WHERE key = ?", [*wanted.values(), user.key])  # noqa: S608
            if "hash" in wanted:
                # Whoever knew the old password may have made it familiar somewhere.
                self._connection.execute("DELETE FROM familiar WHERE key = ?", [user.key])
            told = {field: wanted[field] for field in ("role", "language", "disabled") if field in wanted}
            self.changed("user-changed", user=user.name, **told, password="hash" in wanted, by=by)
            return self._present(name)

    def rehashed(self, user: User, hashed: str) -> None:
        """Keep another hash of the same password."""
        with self._writing():
            self._connection.execute(
                "UPDATE user SET hash = ? WHERE key = ? AND epoch = ?", [hashed, user.key, user.epoch]
            )

    def remove(self, name: str, by: str) -> None:
        """Remove a user. Raises NoSuch, LastAdministrator."""
        with self._writing():
            user = self._present(name)
            self._refuse_last(user)
            for table in ("user", "familiar"):
                self._connection.execute(f"DELETE FROM {table} WHERE key = ?", [user.key])  # noqa: S608
            self.changed("user-removed", user=user.name, role=str(user.role), by=by)

    def seen_at(self, user: User, address: str) -> None:
        """Remember that a user has logged in from an address."""
        with self._writing():
            self._connection.execute(
                "INSERT OR REPLACE INTO familiar VALUES (?, ?, ?)", [user.key, address, self.label()]
            )
            self._connection.execute(
                "DELETE FROM familiar WHERE key = ?1 AND address NOT IN "
                "(SELECT address FROM familiar WHERE key = ?1 ORDER BY at DESC, rowid DESC LIMIT ?2)",
                [user.key, FAMILIAR_KEPT],
            )

    def add_token(self, name: str, role: str, days: float, by: str) -> tuple[str, ApiToken]:
        """Make a token of a program that is good for `days`, and return it, once, with what is kept. Raises Unfit, Taken."""
        with self._writing():
            secret, token = tokens.add(self._connection, name, role, days, by, self._utc(), utc_label)
            self.changed("token-added", token=token.name, role=str(token.role), expires=token.expires, by=by)
        return secret, token

    def remove_token(self, name: str, by: str) -> ApiToken:
        """Remove the token of this id, or name. Raises NoSuch."""
        with self._writing():
            token = tokens.remove(self._connection, name)
            self.changed("token-removed", token=token.name, role=str(token.role), by=by)
        return token

    def changes(self) -> list[tuple[int, dict[str, Any]]]:
        """Return what has changed and is not in the journal yet, oldest first, each with its number."""
        with self._reading():
            rows = self._connection.execute("SELECT number, at, body FROM change ORDER BY number LIMIT 100").fetchall()
        return [(number, {**json.loads(body), "at": at}) for number, at, body in rows]

    def told(self, last: int) -> None:
        """Forget the changes up to this number: they are in the journal."""
        with self._writing():
            self._connection.execute("DELETE FROM change WHERE number <= ?", [last])

    def changed(self, what: str, **particulars: Any) -> None:
        """Write down a change, within its transaction."""
        body = json.dumps({"what": what, **particulars}, ensure_ascii=False)
        self._connection.execute("INSERT INTO change (at, body) VALUES (?, ?)", [self.label(), body])

    def label(self) -> str:
        """Return the time as it is written down."""
        return utc_label(self._utc())

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock, explained(self.path):
            yield

    def _writing(self) -> AbstractContextManager[None]:
        return self._transaction("BEGIN IMMEDIATE")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        """One transaction, in another one a part of that."""
        with self._lock, explained(self.path):
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute(begin)
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise

    def _user(self, key: str) -> User | None:
        row = self._connection.execute(f"SELECT {_USER} FROM user WHERE key = ?", [key]).fetchone()  # noqa: S608
        return None if row is None else _user(row)

    def _present(self, name: str) -> User:
        user = self._user(people.key(name))
        if user is None:
            raise NoSuch("user", name)
        return user

    def _refuse_last(self, user: User) -> None:
        others = "SELECT count(*) FROM user WHERE role = ? AND NOT disabled AND key <> ?"
        (count,) = self._connection.execute(others, [Role.ADMINISTRATOR, user.key]).fetchone()
        if user.role is Role.ADMINISTRATOR and not user.disabled and not count:
            raise LastAdministrator(user.name)

    def _next_epoch(self) -> int:
        (number,) = self._connection.execute("UPDATE epoch SET number = number + 1 RETURNING number").fetchone()
        return int(number)


def _user(row: Sequence[Any]) -> User:
    key, name, role, hashed, language, demo, disabled, created, epoch = row
    return User(key, name, Role(role), hashed, language, bool(demo), bool(disabled), created, epoch)


def _row(user: User) -> list[Any]:
    return [getattr(user, field.name) for field in fields(User)]
