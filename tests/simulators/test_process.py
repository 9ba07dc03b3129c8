"""`python -m simulators` as a process: what it prints, writes and leaves behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urlsplit

import pytest
from ruamel.yaml import YAML

from simulators.__main__ import main
from tests.simulators.support import OVERALL_S, SITE, served, until, write_site

ROOT = SITE.parents[1]


@asynccontextmanager
async def started(*arguments: object, env: dict[str, str] | None = None):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators", *map(str, arguments),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={**os.environ, **(env or {})},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def bench_of(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe").load(path)
    return document


def addresses(document: dict[str, Any]) -> list[SplitResult]:
    return [urlsplit(link["url"]) for link in document["links"].values()]


async def stopped(process: asyncio.subprocess.Process, how: signal.Signals = signal.SIGTERM) -> tuple[str, str]:
    process.send_signal(how)
    out, err = await asyncio.wait_for(process.communicate(), OVERALL_S)
    return out.decode(), err.decode()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_every_link_writes_the_bench_and_leaves_nothing_behind(tmp_path: Path, how: signal.Signals):
    bench = tmp_path / "bench.yaml"
    async with started(SITE, "--bench", bench) as process:
        await until(bench.exists)
        document = bench_of(bench)
        assert document["simulated"] is True
        assert set(document["links"]) == set(YAML(typ="safe").load(SITE / "site.yaml")["links"])
        control = Path(document["control"])
        assert "control.sock" in os.listdir(control.parent)
        clients = [await asyncio.open_connection(url.hostname, url.port) for url in addresses(document) if url.port]
        assert len(clients) == 4
        began = monotonic()
        out, err = await stopped(process, how)
        # Half a second where the machine has nothing else to do; 2 s are allowed, and a machine may be busy.
        assert monotonic() - began < 5
        for _, writer in clients:
            writer.transport.abort()
        assert process.returncode == 0
        assert err == ""
        assert not bench.exists()
        assert not control.parent.exists()
        assert all(len(line) <= 80 or line.startswith(("    ", "bench", "control")) for line in out.splitlines())
        for name, link in document["links"].items():
            assert name in out
            assert link["url"] in out


async def test_only_some_links_are_served(tmp_path: Path):
    bench = tmp_path / "bench.yaml"
    async with started(SITE, "--bench", bench, "--only", "albert,gambetta-bus") as process:
        await until(bench.exists)
        assert list(bench_of(bench)["links"]) == ["albert", "gambetta-bus"]
        await stopped(process)


async def test_after_a_kill_it_comes_back_at_the_same_addresses(tmp_path: Path):
    bench = tmp_path / "bench.yaml"
    arguments = (SITE, "--bench", bench, "--only", "albert,gambetta-bus", "--again")
    async with started(*arguments) as process:
        await until(bench.exists)
        before = bench_of(bench)
        process.kill()
        await process.wait()
    written = bench.stat().st_mtime_ns
    async with started(*arguments) as process:
        await until(lambda: bench.stat().st_mtime_ns != written)
        assert bench_of(bench) == before
        await stopped(process)
    assert Path(before["control"]).parent.name not in os.listdir(tempfile.gettempdir())


async def test_systemd_is_told_when_it_serves_and_that_it_lives(tmp_path: Path):
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(tmp_path / "notify"))
    manager.setblocking(False)
    loop = asyncio.get_running_loop()
    env = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
    try:
        async with started(SITE, "--only", "albert", env=env) as process, asyncio.timeout(OVERALL_S):
            told = [await loop.sock_recv(manager, 100) for _ in range(4)]
            assert told == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1", b"WATCHDOG=1"]
            await stopped(process)
            while told[-1] != b"STOPPING=1":
                told.append(await loop.sock_recv(manager, 100))
    finally:
        manager.close()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["/nowhere"], "simulators: /nowhere/simulation.yaml: no such file"),
        ([str(SITE), "--only", "albrt"], "simulators: --only: there is no link 'albrt': expected some of albert"),
        ([str(SITE), "--bench", "/dev/null/x"], "/dev/null"),
    ],
)
def test_bad_input_is_told_in_a_line_and_ends_with_2(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
):
    assert main([*arguments, "--only", "albert"] if "--only" not in arguments else arguments) == 2
    told = capsys.readouterr()
    assert expected in told.err
    assert "Traceback" not in told.err


def test_a_wanted_broker_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("simulators.servers.broker.SEARCH_PATH", "/nowhere")
    assert main([str(SITE), "--only", "promenade-broker", "--broker", "mosquitto"]) == 2
    assert "there is no such program here" in capsys.readouterr().err


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "nan"])
def test_an_impossible_speed_is_refused(speed: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as caught:
        main([str(SITE), "--speed", speed])
    assert caught.value.code == 2
    assert "--speed" in capsys.readouterr().err


@pytest.mark.needs("mosquitto")
async def test_a_kill_leaves_no_broker_behind(tmp_path: Path):
    bench = tmp_path / "bench.yaml"
    async with started(SITE, "--bench", bench, "--only", "promenade-broker", "--runtime", tmp_path) as process:
        await until(bench.exists)
        broker = int((tmp_path / "mosquitto.conf").read_text().split()[1])
        process.kill()
        await process.wait()

    def refused() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", broker)) != 0

    await until(refused)


async def test_trouble_can_be_written_down_beforehand(tmp_path: Path):
    document = YAML(typ="safe").load(SITE / "simulation.yaml")
    document["troubles"] = [{"at_s": 0, "kind": "freeze", "target": "albert-io.di13", "options": {"value": True}}]
    async with served("albert", site=write_site(tmp_path / "site", document)) as field:
        await until(lambda: field.built.images["albert-io"].read("di13"))


def test_trouble_that_makes_no_sense_is_told_at_the_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    document = YAML(typ="safe").load(SITE / "simulation.yaml")
    document["troubles"] = [{"at_s": 60, "kind": "jam", "target": "albert-signal"}]
    assert main([str(write_site(tmp_path / "site", document)), "--only", "albert"]) == 2
    assert "jam: 'albert-signal' is no mover: expected one of albert-bollards" in capsys.readouterr().err
