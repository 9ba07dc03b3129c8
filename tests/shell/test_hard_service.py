"""Hard cases of the process: a second controller, and a disk that hangs while everything else stops. Real sockets and files."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from controller.api.sockets import BindError, bind_loopback
from controller.config.load import load_site
from controller.journal import SqliteJournal
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


async def test_a_journal_whose_reader_hangs_is_closed_in_time(tmp_path: Path, monkeypatch: Any) -> None:
    journal = await SqliteJournal.open(tmp_path / "journal.db", utcnow=lambda: datetime.now(UTC))
    hanging, released = threading.Event(), threading.Event()

    def hang(_: object) -> list[Any]:
        hanging.set()
        released.wait(30)
        return []

    monkeypatch.setattr(journal, "_answer", hang)
    reading = asyncio.create_task(journal.of_command("x"))
    try:
        await asyncio.to_thread(hanging.wait, 5)
        async with asyncio.timeout(3):
            await journal.close()
    finally:
        released.set()
        await reading
