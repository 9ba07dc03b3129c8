"""`rempart user`: who may log in, and which programs hold a token. Writes people.db, whether the controller runs or not."""

from __future__ import annotations

import getpass
import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from controller.cli import people, sites
from controller.cli.exits import Exit, Failure
from controller.people import rules
from controller.people.errors import LastAdministrator, NoSuch, Taken, Unfit
from controller.people.roles import LANGUAGES, MACHINE_ROLES, Role
from controller.people.schema import FILE
from controller.people.store import Store
from controller.people.tokens import DAYS_MAX
from controller.statefolder import make_folder

DAYS = 90.0
_COLUMNS = "{:<20} {:<14} {:<9} {}"


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parts = parser.add_subparsers(metavar="PART", required=True, dest="part")
    add = _part(parts, "add", "make a user, whose password is asked for twice", "NAME")
    add.add_argument("--role", choices=[*Role], required=True, help="what the user may do")
    add.add_argument("--language", choices=LANGUAGES, default="en", help="what the user reads (en)")
    _password_option(add)
    _part(parts, "list", "who may log in").add_argument("--json", action="store_true", help="print JSON")
    _part(parts, "role", "give a user another role, which ends the user's sessions", "NAME", "ROLE")
    _password_option(_part(parts, "password", "give a user another password, which ends the user's sessions", "NAME"))
    _part(parts, "language", "give a user another language", "NAME", "LANGUAGE")
    _part(parts, "disable", "let a user in no more, and end the user's sessions", "NAME")
    _part(parts, "enable", "let a user in again", "NAME")
    _part(parts, "remove", "remove a user", "NAME")
    token = parts.add_parser("token", help="tokens of programs", description="The tokens of programs.")
    tokens = token.add_subparsers(metavar="add | list | remove", required=True, dest="token_part")
    add = _part(tokens, "add", "make the token of a program; it is printed once", "NAME")
    add.add_argument("--role", choices=MACHINE_ROLES, required=True, help="what the program may do")
    add.add_argument("--days", type=float, default=DAYS, help=f"for how long, at most {DAYS_MAX} ({DAYS:g})")
    _part(tokens, "list", "which programs hold one").add_argument("--json", action="store_true", help="print JSON")
    _part(tokens, "remove", "remove the token of a program, by its id or name", "NAME")


def _part(parts: Any, name: str, what: str, *words: str) -> ArgumentParser:
    parser: ArgumentParser = parts.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    for word in words:
        choices = {"ROLE": [*Role], "LANGUAGE": list(LANGUAGES)}.get(word)
        parser.add_argument(word.lower(), metavar=word, choices=choices, help=", ".join(choices) if choices else None)
    parser.add_argument(
        "--site", metavar="SITE", default="", help="whose users (default: of the controller that runs here)"
    )
    parser.add_argument("--state", metavar="DIR", type=Path, help="its state folder")
    return parser


def _password_option(parser: ArgumentParser) -> None:
    parser.add_argument("--password-stdin", action="store_true", help="read the password from the first line of stdin")


def run(given: Namespace) -> Exit:
    """Do what is asked for."""
    part = f"token {given.token_part}" if given.part == "token" else given.part
    try:
        with _opened(given) as store:
            _PARTS[part](store, given)
    except (Unfit, Taken, NoSuch) as error:
        raise Failure(Exit.USAGE, str(error)) from error
    except LastAdministrator as error:
        raise Failure(Exit.REFUSED, str(error)) from error
    return Exit.DONE


@contextmanager
def _opened(given: Namespace) -> Iterator[Store]:
    folder = sites.state_folder(given.site, given.state, "site's users", "--site or --state")
    store = Store(make_folder(folder) / FILE)
    try:
        yield store
    finally:
        store.close()


def _add(store: Store, given: Namespace) -> None:
    name = rules.name(given.name)
    if store.user(name) is not None:
        raise Taken(f"there is a user {name} already")
    user = store.add(name, given.role, _hashed(name, given), given.language, by=_by())
    print(f"{user.name}: made, as {user.role}")


def _password(store: Store, given: Namespace) -> None:
    user = store.user(given.name)
    if user is None:
        raise NoSuch("user", given.name)
    store.change(user.name, _by(), hash=_hashed(user.name, given))
    print(f"{user.name}: has another password; whoever was logged in with the old one is not any more")


def _change(told: str, **values: Any) -> Callable[[Store, Namespace], None]:
    """Return what changes a user; a value that is callable is asked of the command line."""

    def change(store: Store, given: Namespace) -> None:
        found = {name: value(given) if callable(value) else value for name, value in values.items()}
        user = store.change(given.name, _by(), **found)
        print(f"{user.name}: {told.format(user=user)}")

    return change


def _remove(store: Store, given: Namespace) -> None:
    store.remove(given.name, _by())
    print(f"{given.name}: removed")


def _list(store: Store, given: Namespace) -> None:
    users = [user.shown() for user in store.snapshot().users.values()]
    if given.json:
        print(json.dumps(users, indent=2, ensure_ascii=False))
        return
    print(_COLUMNS.format("name", "role", "language", "").rstrip())
    for user in users:
        marks = ", ".join(word for word in ("disabled", "demo") if user[word])
        print(_COLUMNS.format(user["name"], user["role"], user["language"], marks).rstrip())
    if not users:
        print("nobody may log in yet: `rempart user add NAME --role administrator`", file=sys.stderr)


def _add_token(store: Store, given: Namespace) -> None:
    secret, token = store.add_token(given.name, given.role, given.days, _by())
    print(secret)
    print(f"{token.name}: {token.role} until {token.expires}; it is not shown again", file=sys.stderr)


def _list_tokens(store: Store, given: Namespace) -> None:
    tokens = [token.shown() for token in store.snapshot().tokens.values()]
    if given.json:
        print(json.dumps(tokens, indent=2, ensure_ascii=False))
        return
    print(f"{'id':<12} {'name':<20} {'role':<14} until")
    for token in tokens:
        print(f"{token['id']:<12} {token['name']:<20} {token['role']:<14} {token['expires']}")


def _remove_token(store: Store, given: Namespace) -> None:
    print(f"{store.remove_token(given.name, _by()).name}: removed")


def _hashed(name: str, given: Namespace) -> str:
    from controller.people.passwords import Passwords

    return Passwords().hash(rules.password(_read(given), name))


def _read(given: Namespace) -> str:
    if given.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Failure(Exit.USAGE, "there is no terminal to ask for the password at; give --password-stdin")
    first = getpass.getpass("password: ")
    if getpass.getpass("once more: ") != first:
        raise Failure(Exit.USAGE, "the two passwords differ; nothing was changed")
    return first


def _by() -> str:
    return f"{people.login()} (terminal)".strip()


_PARTS: dict[str, Callable[[Store, Namespace], None]] = {
    "add": _add,
    "list": _list,
    "role": _change("is {user.role} now, and has to log in again", role=lambda given: given.role),
    "password": _password,
    "language": _change("reads {user.language} now", language=lambda given: given.language),
    "disable": _change("is let in no more", disabled=True),
    "enable": _change("is let in again", disabled=False),
    "remove": _remove,
    "token add": _add_token,
    "token list": _list_tokens,
    "token remove": _remove_token,
}
