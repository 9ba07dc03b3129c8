"""What a name and a password must be, and which languages and roles there are."""

from __future__ import annotations

import re
from unicodedata import normalize

from controller.core import people
from controller.people.errors import Unfit
from controller.people.roles import LANGUAGES, Role

NAME_MAX, PASSWORD_MIN, PASSWORD_MAX = 64, 12, 256

DEMO_PASSWORD = "rempart-demo"  # noqa: S105 (known to everybody, and refused to all but the demo)

# No bracket and no colon: `by` is told as "luc (local-token)", and tokens act as "token:NAME".
_NAME = re.compile(r"[\w.'@ -]+")
_RESERVED = ("local-token", "supervisor-token", "terminal")


def name(text: str) -> str:
    """Return a user's name as it is kept. Raises Unfit."""
    found = people.written(normalize("NFC", text))
    if not found or len(found) > NAME_MAX or not _NAME.fullmatch(found) or not any(map(str.isalnum, found)):
        wanted = f"1 to {NAME_MAX} letters, digits, blanks or . _ - ' @, and a letter or digit among them"
        raise Unfit("name", f"expected {wanted}, found {text[:80]!r}")
    if any(people.same(found, reserved) for reserved in _RESERVED):
        raise Unfit("name", f"{found} is the name of a token of this machine; choose another one")
    return found


def password(text: str, of: str, field: str = "password") -> str:
    """Return a new password of the user named `of` as it is hashed. Raises Unfit."""
    found = taken(text)
    if not PASSWORD_MIN <= len(found) <= PASSWORD_MAX:
        raise Unfit(field, f"expected {PASSWORD_MIN} to {PASSWORD_MAX} characters; a sentence is easily remembered")
    if people.key(found) in (DEMO_PASSWORD, people.key(of)) or len(set(found)) < 4:
        raise Unfit(field, "everybody would try this one first; choose another")
    return found


def taken(text: str) -> str:
    """Return a password as it is compared: one keyboard writes é as one character, another as two."""
    return normalize("NFC", text)


def role(text: str) -> Role:
    """Return the role of this name. Raises Unfit."""
    if text not in tuple(Role):
        raise Unfit("role", f"expected one of {', '.join(Role)}, found {text!r}")
    return Role(text)


def language(text: str) -> str:
    """Return the language of this code. Raises Unfit."""
    if text not in LANGUAGES:
        raise Unfit("language", f"expected one of {', '.join(LANGUAGES)}, found {text!r}")
    return text
