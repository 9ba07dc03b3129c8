"""Hard cases of the process: a second controller, and a disk that hangs while everything else stops. Real sockets and files."""

from __future__ import annotations

import asyncio
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from controller.api.sockets import BindError, bind_loopback
from controller.claims import WireClaimed, claimed
from controller.config.load import load_site
from controller.journal import SqliteJournal
from controller.journal.reader import Reader
from controller.service import Options, serve

SITE = """\
site: quay
title: The quay
timezone: Europe/Paris
zones: {{gate: {{title: The gate}}}}
links: {{line: {{url: "modbus+tcp://127.0.0.1:{port}"}}}}
units: {{io: {{link: line, profile: waveshare-io-8ch, address: 1}}}}
devices:
  door: {{kind: contact, title: Cabinet door, zone: gate, profile: contact-normally-open, wiring: {{contact: io.di0}}}}
"""


async def test_rule_12_a_controller_that_finds_its_port_taken_has_not_touched_a_wire(tmp_path: Path) -> None:
    touched: list[Any] = []

    def touch(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        touched.append(writer)
        writer.close()

    unit = await asyncio.start_server(touch, "127.0.0.1", 0)
    (tmp_path / "site.yaml").write_text(SITE.format(port=unit.sockets[0].getsockname()[1]))
    other = bind_loopback("127.0.0.1", 0)
    options = Options(port=other.getsockname()[1], state=tmp_path / "state", runtime=tmp_path / "run")
    try:
        with pytest.raises(BindError):
            await serve(load_site(tmp_path / "site.yaml"), options, lambda _: None)
        await asyncio.sleep(0)
    finally:
        other.close()
        unit.close()
        await unit.wait_closed()
    assert touched == []


async def test_rule_12_a_second_controller_of_a_wire_is_refused_whatever_folders_it_uses(tmp_path: Path) -> None:
    # Claims hold for the whole machine, where another run of the tests may be under way: a port of our own.
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    (tmp_path / "site.yaml").write_text(SITE.format(port=port))
    site = load_site(tmp_path / "site.yaml")
    up = asyncio.Event()
    first = Options(port=0, state=tmp_path / "state", runtime=tmp_path / "run")
    second = Options(port=0, state=tmp_path / "state2", runtime=tmp_path / "run2")
    serving = asyncio.create_task(serve(site, first, lambda _: up.set()))
    try:
        async with asyncio.timeout(20):
            await up.wait()
        with pytest.raises(WireClaimed, match=rf"127\.0\.0\.1:{port}"):
            await serve(site, second, lambda _: None)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        taken.close()
    with claimed(link.url for link in site.links.values()):
        pass


def test_rule_12_a_claim_that_fails_halfway_holds_nothing_and_options_make_no_other_wire(tmp_path: Path) -> None:
    line, broker = f"serial://{tmp_path}/ttyX", f"mqtt://Host{tmp_path}"
    with claimed([f"{line}?baudrate=1200"]):
        with pytest.raises(WireClaimed), claimed([broker, f"{line}?baudrate=9600"]):
            raise AssertionError("claimed twice")
        with claimed([broker.lower()]):
            pass


async def test_a_journal_whose_reader_hangs_is_closed_in_time(tmp_path: Path, monkeypatch: Any) -> None:
    journal = await SqliteJournal.open(tmp_path / "journal.db", utcnow=lambda: datetime.now(UTC))
    hanging, released = threading.Event(), threading.Event()

    def hang(_: object) -> list[Any]:
        hanging.set()
        released.wait(30)
        return []

    monkeypatch.setattr(Reader, "_answer", lambda _, query: hang(query))
    reading = asyncio.create_task(journal.of_command("x"))
    try:
        await asyncio.to_thread(hanging.wait, 5)
        async with asyncio.timeout(3):
            await journal.close()
    finally:
        released.set()
        await reading
