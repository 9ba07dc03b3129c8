"""openapi.json says what the API does: every route is in it, every example and every live answer fits its schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.routing import Route

from controller.api.openapi import document
from controller.api.permits import OPEN
from controller.core.command import Rule
from controller.core.device import Alarm
from controller.ports import Mute
from tests.shell.scripted import Rig

DOCUMENT = document("0.0.0")
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def answer_schema(method: str, path: str, status: int) -> dict[str, Any]:
    content = DOCUMENT["paths"][path][method.lower()]["responses"][str(status)]["content"]
    return content["application/json"]["schema"]


def routes(app: Starlette) -> set[tuple[str, str]]:
    found = [r for r in app.routes if isinstance(r, Route)]
    assert len(found) == len(app.routes)
    return {(method, r.path) for r in found for method in r.methods or () if method != "HEAD"}


async def test_every_route_is_in_the_document_and_nothing_else(app: Starlette):
    assert routes(app) == {(method, path) for method, path, _ in operations()}


async def test_every_route_is_in_the_reference(app: Starlette):
    text = REFERENCE.read_text("utf-8")
    assert [r for r in sorted(routes(app)) if f"`{r[0]} {r[1]}" not in text] == []


async def test_it_is_served(client: httpx.AsyncClient):
    served = (await client.get("/openapi.json")).json()
    assert served["openapi"] == "3.1.0"
    assert served["paths"] == DOCUMENT["paths"]
    assert served["info"]["version"] != "0.0.0"


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_each_example_fits_its_schema(name: str):
    schema = DOCUMENT["components"]["schemas"][name]
    Draft202012Validator.check_schema(schema)
    assert schema["examples"]
    for example in schema["examples"]:
        validator(schema).validate(example)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def test_every_schema_is_used_and_there():
    used = {reference.removeprefix("#/components/schemas/") for reference in references(DOCUMENT)}
    assert used == set(DOCUMENT["components"]["schemas"])


def test_each_parameter_in_a_path_is_declared_with_an_example():
    for _, path, operation in operations():
        declared = [p["name"] for p in operation.get("parameters", []) if p["in"] == "path" and p["example"]]
        assert declared == [part[1:-1] for part in path.split("/") if part.startswith("{")]


def test_only_health_and_login_are_open():
    found = {f"{method} {path}" for method, path, operation in operations() if operation.get("security") == []}
    assert found == set(OPEN)
    assert DOCUMENT["security"] == [{"token": []}]


BODY = {"target": "bollard", "action": "stop"}
UNIT_POINT = "/api/v1/units/{id}/points/{point}"
ALARM_BODIES: dict[str, dict[str, Any]] = {
    "acknowledge": {},
    "shelve": {"for_s": 60, "reason": "works"},
    "unshelve": {},
    "remove": {"reason": "works"},
    "return": {},
}
REFUSING = {
    "acknowledge": "entry.offline",
    "shelve": "entry.offline",
    "unshelve": "detectors.no-answer",
    "remove": "bollard.left-position",
    "return": "detectors.no-answer",
}
"""Where each is refused: what is suppressed, what is not hidden any more, what nobody may hide."""


def alarm_answers() -> Iterator[tuple[str, str, str, dict[str, Any], int]]:
    for act, body in ALARM_BODIES.items():
        tries = (("detectors.no-answer", body, 200), (REFUSING[act], body, 409), ("x", body, 404), ("x", {"x": 1}, 422))
        for alarm, sent, status in tries:
            yield "POST", f"/api/v1/alarms/{{id}}/{act}", f"/api/v1/alarms/{alarm}/{act}", {"json": sent}, status


SESSIONS, ONE = "/api/v1/sessions", "/api/v1/sessions/current"
LONG = {"content": b" " * 65537}


def people_answers() -> Iterator[tuple[str, str, str, dict[str, Any], int]]:
    login = {"user": "olga", "password": "rempart-demo"}
    new: dict[str, Any] = {"name": "léa", "role": "viewer", "days": 1}
    other = {"old": "rempart-demo", "new": "a sentence of hers"}
    yield "POST", SESSIONS, SESSIONS, {"json": login}, 201
    yield "POST", SESSIONS, SESSIONS, {"json": {}}, 422
    yield "POST", SESSIONS, SESSIONS, LONG, 413
    yield "POST", SESSIONS, SESSIONS, {"json": {**login, "password": "x"}}, 401
    for status in (*[401] * 5, 429):
        yield "POST", SESSIONS, SESSIONS, {"json": {**login, "user": "x"}}, status
    yield "GET", ONE, ONE, {}, 200
    yield "GET", ONE, ONE, {"as": "ada"}, 200
    yield "DELETE", ONE, ONE, {}, 409
    for path, body, status in ((f"{ONE}/language", {"language": "nl"}, 200), (f"{ONE}/password", other, 204)):
        yield "PUT", path, path, {"json": body}, 409
        yield "PUT", path, path, {"json": {}, "as": "ada"}, 422
        yield "PUT", path, path, {**LONG, "as": "ada"}, 413
        yield "PUT", path, path, {"json": body, "as": "ada"}, status
    for status in (*[403] * 5, 429):
        yield "PUT", f"{ONE}/password", f"{ONE}/password", {"json": {**other, "old": "x"}, "as": "ada"}, status
    user: dict[str, Any] = {"name": "léa", "role": "viewer", "password": "a sentence of hers"}
    for path, one, body, change in (("users", "name", user, "PATCH"), ("tokens", "id", new, "")):
        path, name = f"/api/v1/{path}", f"/api/v1/{path}/{{{one}}}"
        yield "POST", path, path, {"json": body, "as": "ada"}, 201
        yield "POST", path, path, {"json": body, "as": "ada"}, 409
        yield "POST", path, path, {"json": {}, "as": "ada"}, 422
        yield "POST", path, path, {**LONG, "as": "ada"}, 413
        yield "GET", path, path, {"as": "ada"}, 200
        yield "GET", path, path, {}, 403
        if change:
            for who, sent, status in (("léa", {}, 200), ("x", {}, 404), ("ada", {"role": "viewer"}, 409)):
                yield change, name, f"{path}/{who}", {"json": sent, "as": "ada"}, status
            yield change, name, f"{path}/léa", {"json": {"x": 1}, "as": "ada"}, 422
            yield change, name, f"{path}/léa", {**LONG, "as": "ada"}, 413
            yield "DELETE", name, f"{path}/ada", {"as": "ada"}, 409
        yield "DELETE", name, f"{path}/léa", {"as": "ada"}, 204
        yield "DELETE", name, f"{path}/léa", {"as": "ada"}, 404


ANSWERS: list[tuple[str, str, str, dict[str, Any], int]] = [
    ("GET", "/healthz", "/healthz", {}, 200),
    ("GET", "/healthz", "/healthz", {"headers": {"Host": "evil.example"}}, 421),
    ("GET", "/readyz", "/readyz", {}, 200),
    ("GET", "/openapi.json", "/openapi.json", {}, 200),
    ("GET", "/api/v1/site", "/api/v1/site", {}, 200),
    ("GET", "/api/v1/site", "/api/v1/site", {"headers": {"Authorization": "Basic x"}}, 401),
    ("GET", "/api/v1/devices", "/api/v1/devices", {}, 200),
    ("GET", "/api/v1/devices/{id}", "/api/v1/devices/signal", {}, 200),
    ("GET", "/api/v1/devices/{id}", "/api/v1/devices/bollard", {}, 200),
    ("GET", "/api/v1/devices/{id}", "/api/v1/devices/x", {}, 404),
    ("GET", "/api/v1/devices/{id}/spec", "/api/v1/devices/bollard/spec", {}, 200),
    ("GET", "/api/v1/devices/{id}/spec", "/api/v1/devices/entry/spec", {}, 409),
    ("GET", "/api/v1/devices/{id}/spec", "/api/v1/devices/x/spec", {}, 404),
    ("GET", "/api/v1/units", "/api/v1/units", {}, 200),
    ("GET", UNIT_POINT, "/api/v1/units/io/points/raised", {}, 200),
    ("GET", UNIT_POINT, "/api/v1/units/io/points/x", {}, 404),
    ("GET", UNIT_POINT, "/api/v1/units/x/points/raised", {}, 404),
    ("GET", UNIT_POINT, "/api/v1/units/detectors/points/entry", {}, 502),
    ("POST", "/api/v1/commands", "/api/v1/commands", {"json": BODY}, 202),
    ("POST", "/api/v1/commands", "/api/v1/commands", {"json": {**BODY, "target": "entry"}}, 409),
    ("POST", "/api/v1/commands", "/api/v1/commands", {"json": {**BODY, "target": "x"}}, 404),
    ("POST", "/api/v1/commands", "/api/v1/commands", {"json": {}}, 422),
    ("POST", "/api/v1/commands", "/api/v1/commands", {"content": b" " * 65537}, 413),
    ("GET", "/api/v1/commands/{id}", "/api/v1/commands/known", {}, 200),
    ("GET", "/api/v1/commands/{id}", "/api/v1/commands/x", {}, 404),
    ("POST", "/api/v1/passages", "/api/v1/passages", {"json": {"target": "entry"}}, 409),
    ("POST", "/api/v1/passages", "/api/v1/passages", {"json": {"target": "x"}}, 404),
    ("POST", "/api/v1/passages", "/api/v1/passages", {"json": {}}, 422),
    ("POST", "/api/v1/passages", "/api/v1/passages", {"content": b" " * 65537}, 413),
    ("POST", "/api/v1/passages", "/api/v1/passages", {"json": {"target": "bollard", "id": "let-in"}}, 202),
    ("GET", "/api/v1/passages", "/api/v1/passages", {}, 200),
    ("GET", "/api/v1/passages/{id}", "/api/v1/passages/let-in", {}, 200),
    ("GET", "/api/v1/passages/{id}", "/api/v1/passages/x", {}, 404),
    ("POST", "/api/v1/passages/{id}/end", "/api/v1/passages/let-in/end", {}, 200),
    ("POST", "/api/v1/passages/{id}/end", "/api/v1/passages/x/end", {}, 404),
    ("POST", "/api/v1/passages/{id}/end", "/api/v1/passages/let-in/end", {"json": {"why": ""}}, 422),
    ("POST", "/api/v1/passages/{id}/end", "/api/v1/passages/let-in/end", {"content": b" " * 65537}, 413),
    ("POST", "/api/v1/commands/{id}/hold", "/api/v1/commands/x/hold", {}, 409),
    ("DELETE", "/api/v1/commands/{id}/hold", "/api/v1/commands/x/hold", {}, 409),
    ("GET", "/api/v1/site/plan", "/api/v1/site/plan", {}, 404),
    ("GET", "/api/v1/alarms", "/api/v1/alarms", {}, 200),
    ("GET", "/api/v1/alarms/kpi", "/api/v1/alarms/kpi", {}, 200),
    *alarm_answers(),
    ("GET", "/api/v1/journal", "/api/v1/journal", {}, 200),
    ("GET", "/api/v1/journal", "/api/v1/journal?limit=0", {}, 422),
    ("GET", "/api/v1/journal", "/api/v1/journal?text=stop&newest=true", {}, 200),
    ("GET", "/api/v1/journal/verify", "/api/v1/journal/verify", {}, 200),
    ("GET", "/api/v1/journal/verify", "/api/v1/journal/verify?hash=0", {}, 422),
    *people_answers(),
]


async def test_live_answers_fit_their_schemas(client: httpx.AsyncClient, rig: Rig):
    await client.post("/api/v1/commands", json={**BODY, "id": "known"})
    rig.supervisor.alarms.set("bollard", [Alarm("left-position", 1, "it moved")])
    await client.post("/api/v1/passages", json={"target": "bollard", "id": "let-in"})
    for action, by in (("lock-out", "luc"), ("lift", "zoé"), ("lockdown", "")):
        await client.post("/api/v1/commands", json={"target": "bollard", "action": action, "by": by, "reason": "hose"})
    rig.link.fail("detectors", Mute)
    await rig.shows("entry", "offline")
    ada = (await client.post(SESSIONS, json={"user": "ada", "password": "rempart-demo"})).json()
    bearer = {"Authorization": f"Bearer {ada['token']}"}
    for method, path, asked, what, status in ANSWERS:
        given = {**what, "headers": bearer} if what.get("as") else what
        answer = await client.request(method, asked, **{name: given[name] for name in given if name != "as"})
        assert answer.status_code == status, (method, asked, answer.text)
        if status == 204:
            continue
        validator(answer_schema(method, path, status)).validate(answer.json())


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ({"action": "set-output", "point": "raise", "by": "luc"}, True),
        ({"action": "set-output", "by": "luc"}, False),
        ({"action": "raise", "point": "raise"}, False),
        ({"action": "lock-out", "by": "luc", "reason": "hose"}, True),
        ({"action": "lower", "hold": True}, True),
        ({"action": "lockdown", "hold": True}, False),
    ],
)
async def test_what_an_action_needs_is_in_the_schema(client: httpx.AsyncClient, body: dict[str, Any], fits: bool):
    sent = {"target": "bollard", **body}
    assert validator(DOCUMENT["components"]["schemas"]["CommandBody"]).is_valid(sent) is fits
    assert ((await client.post("/api/v1/commands", json=sent)).status_code == 422) is not fits


def test_every_json_answer_but_an_outage_is_tried_live():
    tried = {(method, path, str(status)) for method, path, _, _, status in ANSWERS}
    said = {
        (method, path, status)
        for method, path, operation in operations()
        for status, answer in operation["responses"].items()
        if "application/json" in answer.get("content", ()) and status not in ("401", "403", "421", "503")
    }
    assert {one for one in said - tried if one[1] != f"{SESSIONS}/first"} == set()


def test_the_page_explains_every_rule_that_can_refuse():
    page = REFERENCE.read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([\w-]+)` \| [a-z]", page, re.MULTILINE))
    assert {str(rule) for rule in Rule} <= explained
