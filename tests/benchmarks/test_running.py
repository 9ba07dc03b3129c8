"""Rounds, contenders and the command line, on farms of a few devices: what comes of them, not how fast."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.campaign import Campaign, Failure
from benchmarks.contenders import CONTENDERS
from benchmarks.contenders.base import LOWER, RAISE, Contender, Running, Stage
from benchmarks.farm import Farm, Layout
from benchmarks.http import Http
from benchmarks.machine import free_ports
from benchmarks.processes import ROOT, Process
from benchmarks.results import Results
from benchmarks.trouble import NotDone, NotPossible
from benchmarks.works import beside_console
from benchmarks.works.lockdown import lockdown
from benchmarks.works.orders import Sent, arrived, orders
from benchmarks.works.scene import Scene, Size, Work

BARE = ("pymodbus/asyncio", "protocol/asyncio", "c")


@pytest.mark.parametrize("name", BARE)
def test_a_reference_polls_every_device_and_passes_orders_on(name: str, farm: Farm, tmp_path: Path):
    stage = Stage(farm, 20, tmp_path)
    with CONTENDERS[name].start(stage) as running:
        farm.await_full_scan(running.process, 30)
        scene = Scene(stage, running, Size(devices=farm.count, orders=2, lockdowns=1), 0.0)
        assert lockdown(scene)["missed"] == 0
        farm.reset()
        sent = [Sent(running.order(device, coil), device, coil) for device, coil in ((2, RAISE), (1, LOWER))]
        # A client that knows one order a device at a time forgets this one if it is to rest before it was sent.
        assert None not in arrived(scene, sent, 10)
        running.rest()
    assert running.refused == 0
    assert running.process.child.returncode is not None


@pytest.mark.parametrize(("name", "layout"), [("points/asyncio", Layout.GATEWAY), ("pymodbus/asyncio", Layout.BUS)])
def test_a_reference_polls_the_units_of_one_wire(
    name: str, layout: Layout, tmp_path: Path, require: Callable[[str], Path]
):
    require("gcc")
    with Farm(2, tmp_path, layout) as farm:
        stage = Stage(farm, 0, tmp_path)
        with CONTENDERS[name].start(stage) as running:
            farm.await_full_scan(running.process, 30)
            running.order(1, RAISE)
            running.rest()
            assert [it.device for it in farm.arrivals() if it.switches_on(RAISE)] == [1]


def test_the_service_polls_the_farm_and_its_orders_are_confirmed(tmp_path: Path, require: Callable[[str], Path]):
    require("gcc")
    with Farm(2, tmp_path) as farm:
        stage = Stage(farm, 10, tmp_path)
        with CONTENDERS["rempart/asyncio"].start(stage) as running:
            farm.await_full_scan(running.process, 60)
            scene = Scene(stage, running, Size(devices=2, orders=2, lockdowns=1), 0.0)
            figures = orders(scene)
            assert (figures["lost"], figures["refused"]) == (0, 0)
            assert lockdown(scene)["missed"] == 0
            assert farm.positions() == ["lowered", "lowered"]
        assert running.process.child.returncode == 0


def test_orders_are_measured_while_the_console_is_flooded_hangs_and_is_gone(
    tmp_path: Path, require: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
):
    require("gcc")
    monkeypatch.setattr(beside_console, "CLIENTS", 3)
    with Farm(2, tmp_path) as farm:
        stage = Stage(farm, 10, tmp_path)
        with CONTENDERS["rempart/uvloop"].start(stage) as running:
            farm.await_full_scan(running.process, 60)
            scene = Scene(stage, running, Size(devices=2, orders=2, lockdowns=1), 0.0)
            figures = beside_console.orders_beside_console(scene)
    assert figures["lost"] == 0
    assert (figures["events"] or 0) >= 3
    assert all(figures[f"{how}_ratio"] is not None for how in ("flooded", "stopped", "killed"))


class Idle(Contender):
    """A contender that does nothing but live."""

    title = "idle"

    def __init__(self, name: str) -> None:
        self.name = name
        self.started = 0

    @contextmanager
    def start(self, stage: Stage) -> Iterator[Running]:
        """Start a client in C, so that the farm is scanned."""
        self.started += 1
        with CONTENDERS["c"].start(stage) as running:
            yield running


def _fails(scene: Scene) -> dict[str, float]:
    raise NotDone(f"{scene.farm.count} devices are too many")


def test_a_round_goes_on_after_a_failure_on_a_fresh_contender(require: Callable[[str], Path]):
    require("gcc")
    one, two = Idle("one"), Idle("two")
    works = [
        Work("first", "first", 10, lambda _: {"a": 1.0}),
        Work("broken", "broken", 10, _fails, who=("one",)),
        Work("last", "last", 10, lambda scene: {"devices": scene.farm.count}),
        Work("large", "large", 10, lambda scene: {"devices": scene.farm.count}, devices=3),
    ]
    failures: list[Failure] = []
    found = Campaign([one, two], works, Size(devices=2), lambda _: None).round(failures)
    assert found == {
        name: {"first": {"a": 1.0}, "last": {"devices": 2}, "large": {"devices": 3}} for name in ("one", "two")
    }
    assert failures == [Failure("one", "broken", "2 devices are too many")]
    assert (one.started, two.started) == (3, 2)


def test_a_process_that_has_ended_is_told_with_its_last_words(tmp_path: Path):
    program = [sys.executable, "-c", "raise SystemExit('no such wire')"]
    with Process("it", program, cpu=min(os.sched_getaffinity(0)), log=tmp_path / "log") as process:
        process.child.wait(30)
        with pytest.raises(NotPossible, match="no such wire"):
            process.alive()


def test_ports_that_somebody_holds_are_passed_over():
    first = free_ports(3)
    with socket.socket() as held:
        held.bind(("127.0.0.1", first + 1))
        held.listen()
        assert free_ports(3) == first + 2


def test_a_connection_that_the_server_has_closed_is_opened_anew():
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]"
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = threading.Event()

        def serve() -> None:
            for end in (b"\r\n\r\n", b"}"):
                connection, _ = server.accept()
                with connection:
                    asked = b""
                    while not asked.endswith(end):
                        asked += connection.recv(4096)
                    connection.sendall(answer)
                closed.set()

        serving = threading.Thread(target=serve)
        serving.start()
        http = Http(server.getsockname()[1])
        try:
            assert http.ask("/first").body == []
            assert closed.wait(30)
            assert http.ask("/second", {"a": 1}).body == []
        finally:
            http.close()
            serving.join(30)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_a_run_prints_its_table_and_keeps_its_figures(tmp_path: Path, require: Callable[[str], Path]):
    require("gcc")
    kept = tmp_path / "figures.json"
    chosen = ("--works", "start", "--contenders", "c", "--devices", "2", "--rounds", "2", "--results", str(kept))
    done = run(*chosen)
    assert done.returncode == 0, done.stderr
    assert "memory, PSS, MB" in done.stdout
    results = Results.load(kept)
    assert len(results.rounds) == 2
    assert results.contenders == ["c"]
    assert run("--table", "--results", str(kept)).stdout == done.stdout


def test_a_run_that_is_interrupted_ends_what_it_started(tmp_path: Path, require: Callable[[str], Path]):
    require("gcc")
    arguments = ["--works", "poll-flat", "--contenders", "c", "--devices", "2", "--seconds", "300"]
    bench = subprocess.Popen(
        [sys.executable, "-m", "benchmarks", *arguments, "--results", str(tmp_path / "none.json")],
        cwd=ROOT, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert bench.stderr is not None
    for line in bench.stderr:
        if "c: poll" in line:
            break
    children = _children(bench.pid)
    assert len(children) == 2
    bench.send_signal(signal.SIGTERM)
    rest = bench.stderr.read()
    bench.stderr.close()
    assert bench.wait(30) == 130, rest
    assert "what was started has been ended" in rest
    assert not any(Path(f"/proc/{child}").exists() for child in children)


def _children(pid: int) -> list[int]:
    return [int(it) for it in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--works", "swim"], "swim: no such work; expected some of poll-flat"),
        (["--contenders", "fuxa"], "fuxa: no such contender; expected some of rempart/asyncio"),
        (["--table", "--results", "/nowhere/at/all.json"], "/nowhere/at/all.json: no figures are kept there"),
    ],
)
def test_what_cannot_be_run_is_told(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]):
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        assert command.main(arguments) == 2
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert told in capsys.readouterr().err
