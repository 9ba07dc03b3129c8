"""Default deny: every route and every action, for each of the five roles, for the machine's tokens and for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from controller.api import ApiServer
from controller.api.bodies import CommandBody
from controller.api.permits import NEEDS, OPEN, Other
from controller.api.service import route
from controller.people.roles import GRANTED, LOCAL, Permission, Role
from controller.people.store import Store
from tests.api.conftest import SUPERVISOR, LogIn, over_unix, service_of
from tests.shell.scripted import Rig

COMMANDS = "/api/v1/commands"
PEOPLE = {"viewer": "vic", "operator": "olga", "technician": "tom", "supervisor": "sam", "administrator": "ada"}
ACTIONS = get_args(CommandBody.model_fields["action"].annotation)

OPERATOR = {
    *("raise", "lower", "stop", "secure", "open", "lockdown", "release", "hold", "pass", "acknowledge", "shelve"),
}
ALLOWED = {
    "viewer": {"read", "session"},
    "operator": OPERATOR | {"read", "session"},
    "technician": OPERATOR
    | {"read", "session", "test", "end-test", "lock-out", "lift", "set-output", "re-arm", "points"},
    "supervisor": OPERATOR | {"read", "session", "remove", "end-test", "lift"},
    "administrator": OPERATOR | {"read", "session", "remove", "end-test", "lift", "users", "tokens"},
}
"""Said a second time, so that a slip in the table is seen."""


def test_each_role_has_exactly_its_permissions():
    assert {str(role): {str(p) for p in GRANTED[role]} for role in Role} == ALLOWED


def test_nobody_from_operator_up_is_ever_refused_a_lockdown():
    assert [role for role in Role if Permission.LOCKDOWN not in GRANTED[role]] == [Role.VIEWER]


def test_every_action_needs_the_permission_of_its_name():
    assert set(ACTIONS) <= {str(permission) for permission in Permission}


async def test_a_route_of_which_no_table_says_what_it_needs_is_not_served(rig: Rig):
    with pytest.raises(KeyError, match="POST /api/v1/everything"):
        route(service_of(rig), "POST", "/api/v1/everything", None)  # type: ignore[arg-type]


def requests_of(app: Starlette) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """Every route and every action, with what it needs; none of them finds anything that it could change."""
    for at in app.routes:
        assert isinstance(at, Route)
        method = next(iter((at.methods or set()) - {"HEAD"}))
        needed = NEEDS[f"{method} {at.path}"]
        if needed is Other.ITS_ACTION:
            for action in ACTIONS:
                yield method, at.path, {"target": "nowhere", "action": action}, action
        elif f"{method} {at.path}" not in OPEN:
            yield method, at.path.replace("{", "").replace("}", ""), {"not": "a body"}, str(needed.value)


async def refused(client: httpx.AsyncClient, app: Starlette) -> set[str]:
    """Return what is needed by what is refused."""
    found = set()
    for method, path, body, needed in requests_of(app):
        if path == "/api/v1/events" or (method, path) == ("DELETE", "/api/v1/sessions/current"):
            continue  # the one has no end, the other would be ours
        answer = await client.request(method, path, json=body)
        assert answer.status_code not in (401, 500), (method, path)
        if answer.status_code == 403:
            error = answer.json()["error"]
            assert (error["code"], error["permission"]) == ("forbidden", needed), (method, path)
            found.add(needed)
        elif method != "GET":
            assert answer.status_code in (404, 409, 422), (method, path, answer.text)
    return found


@pytest.mark.parametrize("role", Role)
async def test_each_role_gets_exactly_its_table(role: Role, app: Starlette, log_in: LogIn):
    wanted = {str(permission) for permission in Permission} - ALLOWED[role]
    assert await refused(await log_in(PEOPLE[role]), app) == wanted


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
async def test_a_program_gets_exactly_the_table_of_its_role(
    role: Role, app: Starlette, store: Store, server: ApiServer
):
    secret, _ = store.add_token("desk", role, 1, by="ada")
    await app.state.reception.refresh()
    async with over_unix(server, Authorization=f"Bearer {secret}") as client:
        assert await refused(client, app) == {str(permission) for permission in Permission} - ALLOWED[role]


async def test_the_tokens_of_the_machine_do_all_but_manage_people(
    client: httpx.AsyncClient, app: Starlette, server: ApiServer
):
    assert set(Permission) - LOCAL == {Permission.USERS, Permission.TOKENS}
    assert await refused(client, app) == {"users", "tokens"}
    async with over_unix(server, **SUPERVISOR) as supervisor:
        assert await refused(supervisor, app) == {"users", "tokens"}


async def test_a_refusal_names_the_permission_the_role_and_who_may(log_in: LogIn, rig: Rig):
    vic = await log_in("vic")
    answer = await vic.post(COMMANDS, json={"target": "bollard", "action": "lower", "id": "not-given"})
    assert answer.status_code == 403
    error = answer.json()["error"]
    assert error["message"] == (
        "this needs the permission `lower`, which vic as viewer has not; "
        "ask somebody who is operator, technician, supervisor or administrator"
    )
    assert (error["permission"], error["role"]) == ("lower", "viewer")
    assert error["may"] == ["operator", "technician", "supervisor", "administrator"]
    assert await rig.supervisor.ledger.find("not-given") is None


async def test_without_a_token_every_action_is_401(nobody: httpx.AsyncClient, app: Starlette):
    answers = {(await nobody.request(m, p, json=body)).status_code for m, p, body, _ in requests_of(app)}
    assert answers == {401}
