"""Default deny: who gets no further than the gate, and is told why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from controller.api import ApiServer, build_app
from controller.api.gate import BODY_MAX, OPERATOR, Gate
from tests.api.conftest import BEARER, SUPERVISOR, TOKEN, over_tcp, over_unix
from tests.logged import logged
from tests.shell.scripted import Rig

COMMANDS = "/api/v1/commands"


def every_request(app: Starlette) -> list[tuple[str, str]]:
    """Each route with each of its methods, and what is no route at all."""
    known = [(m, r.path) for r in app.routes if isinstance(r, Route) for m in sorted(r.methods or ())]
    unknown = [
        ("GET", "/"),
        ("GET", "/api/v1/nothing"),
        ("DELETE", COMMANDS),
        ("OPTIONS", COMMANDS),
        ("GET", "/healthz/"),
    ]
    return known + unknown


async def test_without_a_token_nothing_but_health_and_login_answers(app: Starlette, server: ApiServer):
    async with over_tcp(server, Accept="*/*") as tcp, over_unix(server, Accept="*/*") as unix:
        passed = set()
        for method, path in every_request(app):
            for client in (tcp, unix):
                answer = await client.request(method, path)
                if answer.status_code != 401:
                    passed.add((method, path, answer.status_code))
    assert passed == {("GET", "/healthz", 200), ("HEAD", "/healthz", 200), ("POST", "/api/v1/sessions", 422)}


async def test_the_401_says_what_to_do(server: ApiServer):
    async with over_tcp(server, Accept="*/*") as client:
        answer = await client.get("/api/v1/site")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="rempart"'
    error = answer.json()["error"]
    assert error["code"] == "unauthorised"
    assert error["message"].startswith("no token was sent; send `Authorization: Bearer TOKEN`")
    assert "file `token`" in error["message"]


async def test_another_token_is_refused(server: ApiServer):
    wrong = {
        f"Bearer {TOKEN}x": "this is not the token",
        f"Bearer {TOKEN[:-1]}": "this is not the token",
        "Bearer": "this is not the token",
        "Bearer é": "this is not the token",
        f"Basic {TOKEN}": "the scheme 'Basic' is not Bearer",
        TOKEN: "is not Bearer",
    }
    async with over_tcp(server, Accept="*/*") as client:
        for given, why in wrong.items():
            answer = await client.get("/api/v1/site", headers={b"Authorization": given.encode("latin-1")})
            assert (given, answer.status_code) == (given, 401)
            assert why in answer.json()["error"]["message"]
            assert TOKEN not in answer.text


async def test_the_scheme_may_be_written_in_any_case(server: ApiServer):
    async with over_tcp(server, Authorization=f"bearer {TOKEN}") as client:
        assert (await client.get("/api/v1/site")).status_code == 200


async def test_two_authorization_headers_are_refused(server: ApiServer):
    both = [("Authorization", f"Bearer {TOKEN}"), ("Authorization", "Bearer other")]
    async with httpx.AsyncClient(base_url=server.url, headers=both) as client:
        assert (await client.get("/api/v1/site")).status_code == 401


async def test_a_token_in_the_address_does_not_count(server: ApiServer):
    async with over_tcp(server, Accept="*/*") as client:
        assert (await client.get(f"/api/v1/site?token={TOKEN}&access_token={TOKEN}")).status_code == 401


async def test_an_order_without_a_token_is_not_even_read(server: ApiServer, rig: Rig):
    before = list(rig.link.writes)
    async with over_tcp(server, Accept="*/*") as client:
        answer = await client.post(COMMANDS, json={"target": "bollard", "action": "lower", "id": "x"})
    assert answer.status_code == 401
    assert rig.link.writes == before
    assert await rig.supervisor.ledger.find("x") is None


async def test_an_empty_token_is_no_token(rig: Rig):
    with pytest.raises(ValueError, match="empty one would let everybody in"):
        build_app(rig.supervisor, token="")


async def test_r06_one_token_is_not_for_two_roles(rig: Rig):
    with pytest.raises(ValueError, match="a token each"):
        build_app(rig.supervisor, token=TOKEN, supervisor_token=TOKEN)


async def test_without_a_supervisor_token_only_the_operator_gets_in(rig: Rig, sockets: Path):
    async with ApiServer(build_app(rig.supervisor, token=TOKEN), sockets / "api.sock", port=0) as server:
        for headers, status in ((BEARER, 200), (SUPERVISOR, 401), ({"Authorization": "Bearer"}, 401)):
            async with over_unix(server, **headers) as client:
                assert (await client.get("/api/v1/site")).status_code == status


async def test_tcp_takes_the_names_of_this_machine_and_no_other(tcp: httpx.AsyncClient):
    ours = {"localhost", "LOCALHOST:8470", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8470"}
    others = {
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example:80",
        "10.0.0.1",
        "[::2]",
        "",
        "localhost:x",
    }
    for path in ("/api/v1/site", "/healthz"):
        answers = {host: await tcp.get(path, headers={"Host": host}) for host in ours | others}
        assert {host for host, answer in answers.items() if answer.status_code == 200} == ours
        assert {answers[host].status_code for host in others} == {421}
        assert {answers[host].json()["error"]["code"] for host in others} == {"wrong-host"}


async def test_a_unix_socket_takes_any_host_header(server: ApiServer):
    async with over_unix(server) as client:
        assert (await client.get("/api/v1/site", headers={"Host": "evil.example"})).status_code == 200


async def test_no_answer_invites_another_origin(tcp: httpx.AsyncClient):
    for answer in (
        await tcp.get("/api/v1/site", headers={"Origin": "http://evil.example"}),
        await tcp.options(COMMANDS, headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]


def order_of(size: int) -> bytes:
    head, tail = b'{"target":"bollard","action":"stop"', b"}"
    return head + b" " * (size - len(head) - len(tail)) + tail


async def test_a_body_of_64_kib_is_read(each: httpx.AsyncClient):
    assert (await each.post(COMMANDS, content=order_of(BODY_MAX))).status_code == 202


async def test_a_larger_body_is_413(each: httpx.AsyncClient):
    answer = await each.post(COMMANDS, content=order_of(BODY_MAX + 1))
    assert answer.status_code == 413
    assert answer.json()["error"] == {
        "code": "too-large",
        "message": "the body is too large; at most 65536 bytes are taken",
    }


async def test_a_larger_body_of_unsaid_length_is_413(each: httpx.AsyncClient):
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * (BODY_MAX // 8)

    answer = await each.post(COMMANDS, content=pieces())
    assert answer.status_code == 413


async def test_errors_of_the_router_are_json_too(tcp: httpx.AsyncClient):
    nowhere, wrong = await tcp.get("/api/v1/nothing"), await tcp.delete("/api/v1/site")
    assert (nowhere.status_code, nowhere.json()["error"]["code"]) == (404, "not-found")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method-not-allowed")
    assert wrong.headers["Allow"] == "GET, HEAD"


async def test_a_method_that_is_not_allowed_is_told_all_that_are(client: httpx.AsyncClient):
    assert (await client.put("/api/v1/passages")).headers["Allow"] == "GET, HEAD, POST"
    assert (await client.put("/api/v1/commands/x/hold")).headers["Allow"] == "DELETE, POST"


async def test_an_error_of_the_controller_is_json_logged_and_tells_no_secrets(
    client: httpx.AsyncClient, rig: Rig, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rig.supervisor.alarms, "standing", lambda: 1 / 0)
    heard = logged("controller.api.answers", monkeypatch)
    answer = await client.get("/api/v1/alarms")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert "ZeroDivision" not in answer.text
    assert [(line["path"], type(line["exc_info"])) for line in heard] == [("/api/v1/alarms", ZeroDivisionError)]
    assert TOKEN not in str(heard)


async def test_a_client_that_hangs_up_in_mid_body_orders_nothing(server: ApiServer, rig: Rig):
    reader, writer = await asyncio.open_unix_connection(str(server.socket_path))
    head = (
        f"POST {COMMANDS} HTTP/1.1\r\nHost: x\r\nAuthorization: {BEARER['Authorization']}\r\nContent-Length: 50\r\n\r\n"
    )
    writer.write(head.encode() + b'{"target":"bollard",')
    await writer.drain()
    writer.close()
    assert await reader.read() == b""
    assert rig.supervisor.ledger.live() == []


async def test_what_is_not_http_does_not_get_past(app: Starlette):
    async def never(*_: object) -> None:
        pytest.fail("it got past")

    with pytest.raises(ValueError, match="only HTTP is served here, not websocket"):
        await Gate(never, {TOKEN: OPERATOR})({"type": "websocket", "path": "/healthz"}, never, never)  # type: ignore[arg-type]
