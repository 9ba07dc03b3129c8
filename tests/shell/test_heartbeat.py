from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from controller.heartbeat import Notifier, NotifySocketError, beat


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """The other end, as systemd listens, and the NOTIFY_SOCKET for it."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@rempart-test-{os.getpid()}-{id(tmp_path)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name[1:] if name[0] == "@" else name)
        listening.setblocking(False)
        yield listening, name


async def hear(listening: socket.socket) -> str:
    return (await asyncio.wait_for(asyncio.get_running_loop().sock_recv(listening, 4096), 20)).decode()


def environment(name: str, **more: str) -> dict[str, str]:
    return {"NOTIFY_SOCKET": name, **more}


def test_systemd_is_told_that_the_service_is_up_and_later_on_its_way_down(systemd: tuple[socket.socket, str]):
    listening, name = systemd
    with closing(Notifier.from_environment(environment(name))) as notifier:
        notifier.ready("nice-promenade: 26 devices")
        assert listening.recv(4096) == b"READY=1\nSTATUS=nice-promenade: 26 devices"
        notifier.stopping()
        assert listening.recv(4096) == b"STOPPING=1\nSTATUS="
    assert notifier.unsent == 0


def test_a_value_cannot_smuggle_in_another_assignment(systemd: tuple[socket.socket, str]):
    listening, name = systemd
    with closing(Notifier(name)) as notifier:
        notifier.send(STATUS="albert\nWATCHDOG=1")
    assert listening.recv(4096) == b"STATUS=albert WATCHDOG=1"


def test_without_systemd_nothing_happens():
    with closing(Notifier.from_environment({})) as notifier:
        notifier.ready()
        notifier.stopping()
        assert (notifier.watchdog_s, notifier.unsent) == (None, 0)


def test_a_message_that_nobody_takes_is_counted_and_no_error(tmp_path: Path):
    with closing(Notifier(str(tmp_path / "nobody"))) as notifier:
        notifier.ready()
        assert notifier.unsent == 1


def test_a_systemd_that_does_not_read_never_blocks_the_loop(systemd: tuple[socket.socket, str]):
    with closing(Notifier(systemd[1])) as notifier:
        for _ in range(5000):
            notifier.send(WATCHDOG=1)
        assert notifier.unsent > 0


@pytest.mark.parametrize(
    ("more", "watchdog_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "3000000"}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, None),
    ],
)
def test_the_watchdog_is_ours_only_if_it_names_us(systemd: tuple[socket.socket, str], more: dict, watchdog_s: float):
    with closing(Notifier.from_environment(environment(systemd[1], **more))) as notifier:
        assert notifier.watchdog_s == watchdog_s


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"NOTIFY_SOCKET": "vsock:2:1234"}, "NOTIFY_SOCKET=vsock:2:1234: expected an absolute path or @name"),
        ({"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "soon"}, "WATCHDOG_USEC=soon: expected microseconds"),
        ({"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "0"}, "WATCHDOG_USEC=0: expected microseconds"),
    ],
)
def test_an_environment_that_makes_no_sense_is_refused(environ: dict[str, str], said: str):
    with pytest.raises(NotifySocketError, match=said):
        Notifier.from_environment(environ)


async def test_the_watchdog_is_fed_only_while_all_make_progress(systemd: tuple[socket.socket, str]):
    listening, name = systemd
    stuck: list[str] = []
    notifier = Notifier(name, watchdog_s=0.004)
    task = asyncio.create_task(beat(notifier, lambda: not stuck, lambda: ", ".join(stuck) or "all well"))
    try:
        assert [await hear(listening) for _ in range(4)] == [
            "WATCHDOG=1",
            "STATUS=all well",
            "WATCHDOG=1",
            "WATCHDOG=1",
        ]
        stuck.append("endpoint albert")
        heard = await hear(listening)
        while heard == "WATCHDOG=1":  # sent before it got stuck
            heard = await hear(listening)
        assert heard == "STATUS=endpoint albert"
        stuck.clear()
        assert [await hear(listening) for _ in range(3)] == ["WATCHDOG=1", "STATUS=all well", "WATCHDOG=1"]
    finally:
        task.cancel()
        notifier.close()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_without_a_watchdog_the_status_is_told(systemd: tuple[socket.socket, str]):
    listening, name = systemd
    with closing(Notifier(name)) as notifier:
        task = asyncio.create_task(beat(notifier, lambda: True, lambda: "all well"))
        assert await hear(listening) == "STATUS=all well"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_defect_in_what_the_heart_asks_is_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        await beat(Notifier(watchdog_s=1.0), lambda: bool(1 / 0), lambda: "")
