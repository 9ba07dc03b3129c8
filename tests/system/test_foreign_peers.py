"""Programs that share no code with rempart read the simulated field and the controller's metrics."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.system.field import PATIENCE_S, Promenade

Require = Callable[[str], Path]


def _run(*command: str | Path, given: bytes | None = None) -> str:
    done = subprocess.run([str(c) for c in command], input=given, capture_output=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")
    return done.stdout.decode(errors="replace")


def _port(url: str) -> str:
    return str(urlsplit(url.partition("+")[2] or url).port or urlsplit(url).port)


def _mbpoll(require: Require, promenade: Promenade, link: str, table: str, reference: int, count: int) -> list[int]:
    """Read with mbpoll; `reference` counts from 1, as manuals do."""
    where = ("-m", "tcp", "-p", _port(promenade.field.links[link]), "-a", "1")
    what = ("-t", table, "-r", str(reference), "-c", str(count), "-1")
    printed = _run(require("mbpoll"), *where, *what, "127.0.0.1")
    return [int(value) for value in re.findall(r"^\[\d+\]:\s+(-?\d+)", printed, re.MULTILINE)]


@pytest.mark.needs("mbpoll")
def test_mbpoll_reads_the_limit_switches_of_the_simulated_coupler(promenade: Promenade, require: Require) -> None:
    promenade.controller.moves("lower", "albert-bollards")
    assert _mbpoll(require, promenade, "albert", "1", 1, 6) == [0, 1, 0, 1, 0, 1]
    promenade.controller.moves("raise", "albert-bollards")
    assert _mbpoll(require, promenade, "albert", "1", 1, 6) == [1, 0, 1, 0, 1, 0]


@pytest.mark.needs("mbpoll")
def test_mbpoll_reads_the_watchdog_and_the_identity_of_the_simulated_coupler(
    promenade: Promenade, require: Require
) -> None:
    # WAGO 750: 0x1006 is 1 while the watchdog runs; 0x2002 is the constant 0x1234, 0x2011 the series.
    assert _mbpoll(require, promenade, "albert", "4", 0x1006 + 1, 1) == [1]
    assert _mbpoll(require, promenade, "albert", "4", 0x2002 + 1, 1) == [0x1234]
    assert _mbpoll(require, promenade, "albert", "4", 0x2011 + 1, 1) == [750]


def test_an_independent_client_reads_the_nodes_of_the_plc(promenade: Promenade) -> None:
    url = promenade.field.links["ruhl-plc"]
    tool = Path(sys.executable).with_name("uaread")
    assert "SW-450" in _run(tool, "-u", url, "-n", "ns=2;s=Ruhl.Wedge.Model")
    promenade.controller.moves("raise", "ruhl-wedge")
    assert "True" in _run(tool, "-u", url, "-n", "ns=2;s=Ruhl.Wedge.Raised")


async def test_an_independent_client_subscribes_to_the_plc(promenade: Promenade) -> None:
    from asyncua.client.client import Client

    promenade.controller.moves("lower", "ruhl-wedge")
    async with Client(promenade.field.links["ruhl-plc"], timeout=PATIENCE_S) as client:
        subscription = await client.create_subscription(50)
        await subscription.subscribe_data_change(client.get_node("ns=2;s=Ruhl.Wedge.Raised"))
        seen = []
        promenade.controller.order("raise", "ruhl-wedge")
        async for event in subscription:
            seen.append(getattr(event, "value", None))
            if seen[-1]:
                break
        await subscription.delete()
    assert seen == [False, True]
    promenade.controller.shows("ruhl-wedge", "raised")


@pytest.mark.needs("mosquitto_sub")
def test_mosquitto_sub_sees_the_people_counter_with_its_local_times(promenade: Promenade, require: Require) -> None:
    where = ("-h", "127.0.0.1", "-p", _port(promenade.field.links["promenade-broker"]))
    line = _run(require("mosquitto_sub"), *where, "-t", "nice/massena/counter", "-C", "1", "-W", "20")
    report = json.loads(line)
    assert report["device_info"]["device_sn"] == "6600D1234567"
    # People come and go between the report and the question.
    assert report["current_total"] == pytest.approx(promenade.field.world()["people"]["massena-counter"], abs=25)
    assert re.fullmatch(r"\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}", report["time_info"]["end_time"])


@pytest.mark.needs("promtool")
def test_promtool_accepts_the_metrics(promenade: Promenade, require: Require) -> None:
    metrics = promenade.controller.http.get("/metrics")
    metrics.raise_for_status()
    _run(require("promtool"), "check", "metrics", given=metrics.content)
    for expected in ('rempart_device_state{device="albert-bollards"', 'rempart_polls_total{link="gambetta-bus"}'):
        assert expected in metrics.text
    (polls,) = re.findall(r'rempart_polls_total\{link="albert"\} ([\d.e+]+)', metrics.text)
    assert float(polls) > 0
