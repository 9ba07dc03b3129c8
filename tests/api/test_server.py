"""Where the API listens, who may reach it there, and how it goes."""

# ruff: noqa: ASYNC240 (nothing else runs on the loop when a test touches a file)

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import stat
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from controller.api import ApiServer, BindError
from controller.api.sockets import bind_loopback
from controller.statefolder import FolderError
from tests.api.conftest import BEARER, over_tcp, over_unix
from tests.shell.scripted import OVERALL_S, Rig

STOP_S = 1.0


def listening(family: int, address: object, backlog: int = 5) -> socket.socket:
    found = socket.socket(family, socket.SOCK_STREAM)
    found.bind(address)  # type: ignore[arg-type]
    found.listen(backlog)
    return found


async def test_both_ways_lead_to_the_same_site(server: ApiServer):
    async with over_tcp(server) as tcp, over_unix(server) as unix:
        assert (await tcp.get("/api/v1/site")).json() == (await unix.get("/api/v1/site")).json()


async def test_any_port_is_found_and_told(server: ApiServer):
    assert server.port > 0
    assert server.url == f"http://127.0.0.1:{server.port}"


async def test_the_socket_is_its_owners_alone(server: ApiServer):
    assert stat.S_IMODE(server.socket_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.socket_path.parent.stat().st_mode) == 0o700


async def test_the_socket_of_a_controller_that_shares_it_is_its_groups_too(app: Starlette, sockets: Path):
    path = sockets / "api.sock"
    async with ApiServer(app, path, port=0, for_group=True) as server, over_unix(server) as client:
        assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_gid) == (0o660, os.getegid())
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert (await client.get("/healthz")).status_code == 200


async def test_the_socket_is_gone_afterwards_and_the_port_free(app: Starlette, sockets: Path):
    async with ApiServer(app, sockets / "api.sock", port=0) as server:
        port = server.port
    assert not server.socket_path.exists()
    async with ApiServer(app, sockets / "api.sock", port=port) as again:
        assert again.port == port


async def test_ipv6_loopback_serves_too(app: Starlette, sockets: Path):
    try:
        listening(socket.AF_INET6, ("::1", 0)).close()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    async with ApiServer(app, sockets / "api.sock", host="::1", port=0) as server, over_tcp(server) as client:
        assert server.url == f"http://[::1]:{server.port}"
        assert (await client.get("/api/v1/site")).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "", "127.0.0.1.example.org"])
def test_it_binds_to_nothing_but_loopback(host: str):
    with pytest.raises(BindError, match=r"binds to loopback only; use 127\.0\.0\.1"):
        bind_loopback(host, 0)


async def test_a_refused_host_leaves_no_socket_behind(app: Starlette, sockets: Path):
    with pytest.raises(BindError, match="loopback only"):
        async with ApiServer(app, sockets / "api.sock", host="0.0.0.0", port=0):
            pytest.fail("it served")
    assert list(sockets.iterdir()) == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2"])
async def test_every_name_of_loopback_is_taken(app: Starlette, sockets: Path, host: str):
    async with ApiServer(app, sockets / "api.sock", host=host, port=0) as server, over_tcp(server) as client:
        assert (await client.get("/healthz", headers={"Host": "localhost"})).status_code == 200


async def test_a_port_in_use_is_refused_by_name_and_no_other_is_taken(app: Starlette, sockets: Path):
    with listening(socket.AF_INET, ("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            BindError, match=f"port {port} on 127.0.0.1 is in use by another program; stop it, or choose"
        ):
            async with ApiServer(app, sockets / "api.sock", port=port):
                pytest.fail("it served")
    assert not (sockets / "api.sock").exists()


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_refused(port: int):
    with pytest.raises(BindError, match=f"port {port}: expected 0 to 65535"):
        bind_loopback("127.0.0.1", port)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (errno.EACCES, "no permission; choose one above 1023"),
        (errno.EADDRNOTAVAIL, "Cannot assign requested address; choose"),
    ],
)
def test_every_reason_for_not_binding_says_what_to_do(error: int, told: str, monkeypatch: pytest.MonkeyPatch):
    def bind(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(socket.socket, "bind", bind)
    with pytest.raises(BindError, match=rf"port 80 on 127\.0\.0\.1: {told}"):
        bind_loopback("127.0.0.1", 80)


async def test_the_socket_of_a_dead_process_is_replaced(app: Starlette, sockets: Path):
    path = sockets / "api.sock"
    script = f"import os, socket; s = socket.socket(socket.AF_UNIX); s.bind({str(path)!r}); s.listen(); os.kill(os.getpid(), 9)"
    died = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script], check=False)
    assert died.returncode == -signal.SIGKILL
    assert path.exists()
    async with ApiServer(app, path, port=0) as server, over_unix(server) as client:
        assert (await client.get("/healthz")).status_code == 200


async def test_a_socket_on_which_somebody_listens_is_refused(app: Starlette, sockets: Path):
    path = sockets / "api.sock"
    with listening(socket.AF_UNIX, str(path)):
        with pytest.raises(BindError, match=r"api\.sock: another controller listens there; stop that one first"):
            async with ApiServer(app, path, port=0):
                pytest.fail("it served")
        assert path.is_socket()


async def test_a_socket_whose_listener_is_too_busy_to_answer_is_refused(app: Starlette, sockets: Path):
    path = sockets / "api.sock"
    with ExitStack() as stack:
        stack.enter_context(listening(socket.AF_UNIX, str(path), backlog=0))
        with suppress(BlockingIOError):
            while True:
                waiting = stack.enter_context(socket.socket(socket.AF_UNIX))
                waiting.setblocking(False)
                waiting.connect(str(path))
        with pytest.raises(BindError, match="another controller listens there"):
            async with ApiServer(app, path, port=0):
                pytest.fail("it served")


async def test_a_file_that_is_no_socket_is_left_alone(app: Starlette, sockets: Path):
    path = sockets / "api.sock"
    path.write_text("precious")
    with pytest.raises(BindError, match="a file that is not a socket; move it away"):
        async with ApiServer(app, path, port=0):
            pytest.fail("it served")
    assert path.read_text() == "precious"


async def test_a_folder_that_others_can_write_to_is_refused(app: Starlette, sockets: Path):
    sockets.chmod(0o777)
    with pytest.raises(FolderError, match="others can change what is in it"):
        async with ApiServer(app, sockets / "api.sock", port=0):
            pytest.fail("it served")


async def test_a_socket_that_another_took_over_is_not_removed(app: Starlette, sockets: Path):
    path = sockets / "api.sock"
    async with ApiServer(app, path, port=0):
        os.rename(path, sockets / "old.sock")
        other = listening(socket.AF_UNIX, str(path))
    assert path.is_socket()
    other.close()


async def test_a_socket_that_somebody_removed_is_not_missed(app: Starlette, sockets: Path):
    async with ApiServer(app, sockets / "api.sock", port=0) as server:
        server.socket_path.unlink()


async def test_a_server_that_does_not_start_leaves_nothing_behind(
    app: Starlette, sockets: Path, monkeypatch: pytest.MonkeyPatch
):
    async def startup(*_: object, **__: object) -> None:
        raise OSError("no more file descriptors")

    server = ApiServer(app, sockets / "api.sock", port=0)
    monkeypatch.setattr(server._server, "startup", startup)
    with pytest.raises(OSError, match="no more file descriptors"):
        await server.__aenter__()
    assert not server.socket_path.exists()
    listening(socket.AF_INET, ("127.0.0.1", server.port)).close()


async def leave(server: ApiServer) -> float:
    """Stop it, and say how long that took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await server.__aexit__()
    return loop.time() - began


async def test_it_stops_at_once_with_event_streams_open(app: Starlette, sockets: Path):
    server = await ApiServer(app, sockets / "api.sock", port=0).__aenter__()
    async with over_tcp(server) as client, client.stream("GET", "/api/v1/events") as answer:
        lines = answer.aiter_lines()
        while not (await anext(lines)).startswith("data"):
            pass
        assert await leave(server) < STOP_S
        async with asyncio.timeout(OVERALL_S):
            assert [line async for line in lines if line.startswith("data")] == []


async def test_it_stops_with_a_request_that_never_ends(app: Starlette, sockets: Path, caplog: pytest.LogCaptureFixture):
    server = await ApiServer(app, sockets / "api.sock", port=0).__aenter__()
    reader, writer = await asyncio.open_unix_connection(str(server.socket_path))
    head = f"POST /api/v1/commands HTTP/1.1\r\nHost: x\r\nAuthorization: {BEARER['Authorization']}\r\n"
    writer.write(f"{head}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n".encode())
    async with asyncio.timeout(OVERALL_S):
        assert b"100" in await reader.readuntil(b"\r\n\r\n")
        assert await leave(server) < STOP_S
        await reader.read()
    writer.close()
    assert caplog.records == []


async def test_it_stops_with_idle_connections(app: Starlette, sockets: Path):
    server = await ApiServer(app, sockets / "api.sock", port=0).__aenter__()
    async with over_tcp(server) as client:
        await client.get("/healthz")
        assert await leave(server) < STOP_S
        with pytest.raises(httpx.TransportError):
            await client.get("/healthz")


async def test_the_signals_of_the_process_are_left_alone(app: Starlette, sockets: Path):
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    async with ApiServer(app, sockets / "api.sock", port=0):
        assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


async def test_an_order_under_way_is_answered_when_everything_stops(server: ApiServer, rig: Rig):
    async with over_unix(server) as client:
        held = rig.link.hold("write")
        answer = await client.post("/api/v1/commands", json={"target": "bollard", "action": "lower", "id": "last"})
        assert answer.status_code == 202
        held.set()
        rig.supervisor.stop()
        await rig.task
        last = (await client.get("/api/v1/commands/last")).json()
    assert (last["life"], last["ended"]) == ("unknown", True)


async def test_small_answers_are_sent_at_once():
    """Without TCP_NODELAY every answer on a kept connection waits for the client's delayed acknowledgement, some 40 ms."""
    served: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    bound = bind_loopback("127.0.0.1", 0)
    async with await asyncio.start_server(serve, sock=bound):
        _, writer = await asyncio.open_connection(*bound.getsockname())
        assert await asyncio.wait_for(served, 10) != 0
        writer.close()
