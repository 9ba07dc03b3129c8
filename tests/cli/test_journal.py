"""`rempart journal` on real journals."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller import alarm_memory, holds, ledger, logbook
from controller.cli import journal
from controller.journal import SqliteJournal
from controller.people import reception
from controller.ports import Entry
from tests.cli.desk import Desk, Shell


@pytest.fixture
async def state(shell: Shell) -> Path:
    """The state folder of the site `kept`, with four records."""
    folder = shell.state / "rempart" / "kept"
    folder.mkdir(parents=True)
    kept = await SqliteJournal.open(folder / "journal.db", utcnow=lambda: datetime.now(UTC))
    await kept.append(Entry("service", body={"event": "started"}), Entry("device", "entry", body={"state": "clear"}))
    await kept.append(Entry("command", "bollard", "o1", {"life": "received"}), Entry("device", "bollard"))
    await kept.close()
    return folder


async def test_the_only_journal_there_is_is_shown(shell: Shell, state: Path) -> None:
    ended = await shell.rempart("journal", "show")
    assert ended.code == 0
    assert [line.split()[0] for line in ended.out.splitlines()] == ["seq", "1", "2", "3", "4"]
    assert "time (UTC)" in ended.out.splitlines()[0]
    assert "bollard o1 life=received" in ended.out


async def test_by_site_name_by_folder_and_by_file(shell: Shell, state: Path) -> None:
    expected = (await shell.rempart("journal", "show")).out
    for words in (["kept"], ["--state", str(state)], ["--state", str(state / "journal.db")]):
        assert (await shell.rempart("journal", "show", *words)).out == expected


async def test_of_one_device_and_one_kind_and_the_last_ones(shell: Shell, state: Path) -> None:
    by_device = await shell.rempart("journal", "show", "--device", "bollard", "--kind", "command", "--json")
    assert [json.loads(line)["seq"] for line in by_device.out.splitlines()] == [3]
    last = await shell.rempart("journal", "show", "--limit", "2")
    assert [line.split()[0] for line in last.out.splitlines()] == ["seq", "3", "4"]


async def test_ids_of_orders_are_short_for_people_and_whole_as_json(shell: Shell, state: Path) -> None:
    zone = "01a20356-ca2b-73d7-9047-8c0aab31ebde"
    member = f"{zone}:bollard"
    kept = await SqliteJournal.open(state / "journal.db", utcnow=lambda: datetime.now(UTC))
    await kept.append(Entry("command", "", zone, {"members": [member]}), Entry("command", "bollard", member))
    await kept.close()
    shown = (await shell.rempart("journal", "show", "--limit", "2")).out.splitlines()
    assert shown[1].endswith("8c0aab31ebde members=bollard")
    assert shown[2].endswith("bollard 8c0aab31ebde")
    whole = [
        json.loads(line) for line in (await shell.rempart("journal", "show", "--limit", "2", "--json")).out.splitlines()
    ]
    assert [record["command"] for record in whole] == [zone, member]


async def test_the_journal_of_the_controller_that_runs_is_followed(desk: Desk) -> None:
    following = await desk.shell.start("journal", "show", "--follow", "--kind", "command")
    await desk.shell.rempart("lower", "bollard", "--id", "o1")
    await following.says("life=confirmed")
    following.interrupt()
    assert (await following.end()).code == 0


async def test_a_kind_that_there_is_not_is_answered_with_those_there_are(shell: Shell, state: Path) -> None:
    ended = await shell.rempart("journal", "show", "--kind", "foo")
    assert (ended.code, ended.out) == (2, "")
    assert f"expected one of {', '.join(journal.KINDS)}, found 'foo'" in ended.err


def test_every_kind_that_is_written_can_be_asked_for() -> None:
    sources = Path(journal.__file__).parents[1].rglob("*.py")
    written = {kind for source in sources for kind in re.findall(r'\bEntry\(\s*"([^"]+)"', source.read_text("utf-8"))}
    kinds = (module.KIND for module in (ledger, holds, alarm_memory, logbook, reception))
    assert {*written, *kinds} == set(journal.KINDS)


async def test_a_device_without_any_record_is_told_from_one_without_such_records(shell: Shell, state: Path) -> None:
    never = await shell.rempart("journal", "show", "--device", "nix")
    assert (never.code, never.err) == (0, "no record of nix\n")
    none_such = await shell.rempart("journal", "show", "--device", "bollard", "--kind", "alarm")
    assert (none_such.code, none_such.err) == (0, "")


async def test_a_whole_chain_verifies_and_tells_its_head(shell: Shell, state: Path) -> None:
    ended = await shell.rempart("journal", "verify")
    assert ended.code == 0
    assert "4 records, the chain is whole" in ended.out
    head = ended.out.split()[-1]
    assert (await shell.rempart("journal", "verify", "--head", head)).code == 0
    assert (await shell.rempart("journal", "verify", "--head", f"4:{'0' * 64}")).code == 1


async def test_a_changed_record_is_named(shell: Shell, state: Path) -> None:
    with sqlite3.connect(state / "journal.db") as connection:
        connection.execute("DROP TRIGGER journal_update")
        connection.execute("UPDATE journal SET body = '{}' WHERE seq = 3")
    connection.close()
    ended = await shell.rempart("journal", "verify")
    assert ended.code == 1
    assert "record 3" in ended.err
    told = json.loads((await shell.rempart("journal", "verify", "--json")).out)
    assert (told["ok"], told["first_bad"]) == (False, 3)


async def test_export_as_json_and_as_csv(shell: Shell, state: Path, tmp_path: Path) -> None:
    lines = (await shell.rempart("journal", "export")).out.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [1, 2, 3, 4]
    ended = await shell.rempart("journal", "export", "--format", "csv", "--out", tmp_path / "j.csv")
    assert ended.err == f"{tmp_path / 'j.csv'}: 4 records\n"
    rows = list(csv.DictReader(io.StringIO((tmp_path / "j.csv").read_text("utf-8"))))
    assert [row["seq"] for row in rows] == ["1", "2", "3", "4"]


async def test_several_journals_are_listed(shell: Shell, state: Path) -> None:
    other = state.parent / "other"
    other.mkdir()
    (other / "journal.db").touch()
    ended = await shell.rempart("journal", "verify")
    assert ended.code == 2
    assert "kept, other" in ended.err


@pytest.mark.parametrize("part", ["show", "verify", "export"])
async def test_no_journal_is_an_error_of_one_line(shell: Shell, tmp_path: Path, part: str) -> None:
    ended = await shell.rempart("journal", part, "--state", tmp_path)
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 1
    assert (await shell.rempart("journal", part)).code == 2


async def test_a_reader_that_goes_away_is_no_drama(shell: Shell, state: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "controller.cli", "journal", "export"),
        stdout=writing,
        stderr=asyncio.subprocess.PIPE,
        env=shell.environment,
    )
    os.close(writing)
    _, err = await process.communicate()
    assert (process.returncode, err) == (1, b"")
