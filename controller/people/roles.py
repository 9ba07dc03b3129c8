"""Five roles, and what each may do. Whatever stands here for no role is done by nobody.

A permission to order has the name of the order. R06 and the ownership of a test go further than a table can: they are in
`controller.core.modes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What somebody is there for, in the order in which they are named to people."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    TECHNICIAN = "technician"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What can be allowed."""

    SESSION = "session"
    READ = "read"
    RAISE = "raise"
    LOWER = "lower"
    STOP = "stop"
    SECURE = "secure"
    OPEN = "open"
    LOCKDOWN = "lockdown"
    RELEASE = "release"
    HOLD = "hold"
    PASS = "pass"  # noqa: S105 (what lets a vehicle through)
    ACKNOWLEDGE = "acknowledge"
    SHELVE = "shelve"
    REMOVE = "remove"
    LOCK_OUT = "lock-out"
    LIFT = "lift"
    TEST = "test"
    END_TEST = "end-test"
    RE_ARM = "re-arm"
    SET_OUTPUT = "set-output"
    POINTS = "points"
    USERS = "users"
    TOKENS = "tokens"


_P = Permission
_VIEWER = frozenset({_P.SESSION, _P.READ})
_OPERATOR = _VIEWER | {
    *(_P.RAISE, _P.LOWER, _P.STOP, _P.SECURE, _P.OPEN, _P.LOCKDOWN, _P.RELEASE, _P.HOLD, _P.PASS),
    *(_P.ACKNOWLEDGE, _P.SHELVE),
}
_TECHNICIAN = _OPERATOR | {_P.LOCK_OUT, _P.LIFT, _P.TEST, _P.END_TEST, _P.RE_ARM, _P.SET_OUTPUT, _P.POINTS}
_SUPERVISOR = _OPERATOR | {_P.REMOVE, _P.END_TEST, _P.LIFT}
_ADMINISTRATOR = _SUPERVISOR | {_P.USERS, _P.TOKENS}

GRANTED: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.OPERATOR: _OPERATOR,
    Role.TECHNICIAN: _TECHNICIAN,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMINISTRATOR: _ADMINISTRATOR,
}

LOCAL = frozenset(Permission) - {Permission.USERS, Permission.TOKENS}
"""What the two tokens of the machine itself may: all that has to do with equipment, whichever of the two it is."""

MACHINE_ROLES = (Role.VIEWER, Role.OPERATOR, Role.TECHNICIAN, Role.SUPERVISOR)
"""What a program may be: managing people is a person's."""

LANGUAGES = ("en", "fr", "it", "nl", "de")


def who_may(permission: Permission) -> tuple[Role, ...]:
    """Return the roles that have this permission."""
    return tuple(role for role in Role if permission in GRANTED[role])
