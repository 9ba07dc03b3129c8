"""What each route needs: one table. A route that is not in it is not served, and what nobody may is done by nobody.

An order needs the permission of its action, which only its body tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from controller.api.answers import Problem
from controller.people.credential import Credential
from controller.people.roles import Permission, who_may


class Other(Enum):
    """What a route needs that is no permission."""

    NOTHING = "nothing: it answers without a token"
    ITS_ACTION = "the permission of the action in the body"


Need = Permission | Other

OPEN = {
    "GET /healthz": Other.NOTHING,
    "POST /api/v1/sessions": Other.NOTHING,
    "POST /api/v1/sessions/first": Other.NOTHING,
}

NEEDS: Mapping[str, Need] = {
    **OPEN,
    "GET /readyz": Permission.READ,
    "GET /metrics": Permission.READ,
    "GET /openapi.json": Permission.READ,
    "GET /api/v1/site": Permission.READ,
    "GET /api/v1/site/plan": Permission.READ,
    "GET /api/v1/devices": Permission.READ,
    "GET /api/v1/devices/{id}": Permission.READ,
    "GET /api/v1/devices/{id}/spec": Permission.READ,
    "GET /api/v1/units": Permission.READ,
    "GET /api/v1/units/{id}/points/{point}": Permission.POINTS,
    "POST /api/v1/commands": Other.ITS_ACTION,
    "GET /api/v1/commands/{id}": Permission.READ,
    "POST /api/v1/commands/{id}/hold": Permission.HOLD,
    "DELETE /api/v1/commands/{id}/hold": Permission.HOLD,
    "POST /api/v1/passages": Permission.PASS,
    "GET /api/v1/passages": Permission.READ,
    "GET /api/v1/passages/{id}": Permission.READ,
    "POST /api/v1/passages/{id}/end": Permission.PASS,
    "GET /api/v1/alarms": Permission.READ,
    "GET /api/v1/alarms/kpi": Permission.READ,
    "POST /api/v1/alarms/{id}/acknowledge": Permission.ACKNOWLEDGE,
    "POST /api/v1/alarms/{id}/shelve": Permission.SHELVE,
    "POST /api/v1/alarms/{id}/unshelve": Permission.SHELVE,
    "POST /api/v1/alarms/{id}/remove": Permission.REMOVE,
    "POST /api/v1/alarms/{id}/return": Permission.REMOVE,
    "GET /api/v1/journal": Permission.READ,
    "GET /api/v1/journal/verify": Permission.READ,
    "GET /api/v1/events": Permission.READ,
    "GET /api/v1/sessions/current": Permission.SESSION,
    "DELETE /api/v1/sessions/current": Permission.SESSION,
    "PUT /api/v1/sessions/current/language": Permission.SESSION,
    "PUT /api/v1/sessions/current/password": Permission.SESSION,
    "GET /api/v1/users": Permission.USERS,
    "POST /api/v1/users": Permission.USERS,
    "PATCH /api/v1/users/{name}": Permission.USERS,
    "DELETE /api/v1/users/{name}": Permission.USERS,
    "GET /api/v1/tokens": Permission.TOKENS,
    "POST /api/v1/tokens": Permission.TOKENS,
    "DELETE /api/v1/tokens/{id}": Permission.TOKENS,
}

ANYBODYS = (Other.NOTHING, Permission.READ, Permission.SESSION)
"""What is never refused to whoever has a token."""


def check(credential: Credential, permission: Permission) -> None:
    """Raise Problem 403 where `credential` has not this permission."""
    if permission in credential.permissions:
        return
    may = [str(role) for role in who_may(permission)]
    raise Problem(
        403,
        "forbidden",
        f"this needs the permission `{permission}`, which {credential.principal} as {credential.role} has not; "
        f"ask somebody who is {_or(may)}",
        permission=str(permission),
        role=str(credential.role),
        may=may,
    )


def _or(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
