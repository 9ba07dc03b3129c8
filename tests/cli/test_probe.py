"""`rempart probe` as a person calls it: against simulated equipment, beside a controller, and where nobody is."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from serial import Serial

from controller import claims
from controller.claims import WireClaimed, claimed, places
from controller.cli import probe
from controller.cli.exits import Exit
from controller.config.load import load_site
from tests.cli.desk import Shell
from tests.links.peers.modbus_tcp import TcpPeer
from tests.probing.support import bus
from tests.simulators.support import served, until

SITE = """
site: found
title: What was found
timezone: Europe/Paris
zones:
  here: {{title: Here}}
{lines}
devices:
  loop:
    kind: loop
    title: Loop
    zone: here
    profile: loop-detector
    wiring: {{detect: {unit}.{point}}}
"""


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[TcpPeer]:
    peer = TcpPeer(tmp_path)
    await peer.start()
    yield peer
    await peer.stop()


def _lines_of(out: str) -> str:
    """The lines for the site file, as a person would mark and copy them."""
    return out[out.index("links:\n") :]


async def test_what_is_found_is_told_in_80_columns_with_lines_that_a_site_file_takes(shell: Shell, tmp_path: Path):
    async with served("albert") as field:
        url = field.links["albert"]
        ended = await shell.rempart("probe", f"{url}?unit=1")
    assert ended.code == Exit.DONE, ended.err
    assert "wago-750 matches: test_pattern is 4660, series is 750, as it must be" in ended.out
    assert "waveshare-io-8ch possible: no identity to check" in ended.out
    assert max(map(len, ended.out.splitlines())) < 80
    assert ended.err.splitlines() == [
        "asking unit ids 1, 0.5 s for each that is silent …",
        "unit 1 answers: looking at what it holds …",
    ]
    site = tmp_path / "site.yaml"
    site.write_text(SITE.format(lines=_lines_of(ended.out), unit="wago-750-1", point="di0"), "utf-8")
    loaded = load_site(site)
    assert loaded.links["probed"].url == url
    assert loaded.units["wago-750-1"].unit.address == 1


async def test_a_counters_lines_bring_its_serial_number_as_identity(shell: Shell, tmp_path: Path):
    async with served("ruhl-plc") as field:
        ended = await shell.rempart("probe", field.links["ruhl-plc"], "--patience", "10")
    assert ended.code == Exit.DONE, ended.err
    assert "# possible only: it has no identity to check" in ended.out
    site = tmp_path / "site.yaml"
    lines, unit = _lines_of(ended.out), "plc-road-blocker-ruhl.wedge"
    site.write_text(SITE.format(lines=lines, unit=unit, point="presence"), "utf-8")
    told = YAML(typ="safe").load(lines)
    assert told["units"][unit]["expect"] == {"model": "SW-450"}


async def test_json_has_all_of_it_and_nothing_else_is_printed(shell: Shell, peer: TcpPeer):
    ended = await shell.rempart("probe", f"{peer.url}?unit=7", "--json")
    told = json.loads(ended.out)
    assert (told["url"], told["interrupted"]) == (peer.url, False)
    (found,) = told["found"]
    assert found["units"] == [7]
    assert found["tables"]["discrete"]["values"] == {"0": 1, "1": 0, "2": 1, "3": 1}
    fits = {one["profile"]: one["fit"] for one in found["profiles"]}
    assert fits["ld120"] == "does not fit"
    assert {"fit", "why", "values", "unread", "address"} <= set(found["profiles"][0])


async def test_a_model_that_only_one_site_has_is_known_by_its_folder(shell: Shell, peer: TcpPeer, tmp_path: Path):
    (tmp_path / "acme.yaml").write_text(
        'profile: acme\ntitle: Acme\nprotocol: modbus\nsource: "manual, p. 1"\nidentity: {code: 0x2A17}\npoints:\n'
        '  code: {table: holding, address: 100, type: u16, source: "manual, p. 2"}\n',
        "utf-8",
    )
    ended = await shell.rempart("probe", f"{peer.url}?unit=7", "--profiles", tmp_path)
    assert "acme matches: code is 10775, as it must be; 1 of 1 points can be read" in ended.out


async def test_a_profile_that_is_wrong_is_told_with_its_line(shell: Shell, peer: TcpPeer, tmp_path: Path):
    (tmp_path / "acme.yaml").write_text("profile: acme\nprotocol: modbus\n", "utf-8")
    ended = await shell.rempart("probe", peer.url, "--profiles", tmp_path)
    assert ended.code == Exit.USAGE
    assert "acme.yaml:1:1: " in ended.err
    assert peer.frames == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("modbus+tcp://127.0.0.1:1?unit=300",), "not within 0 to 255"),
        (("modbus://x",), "did you mean"),
        (("mqtt://127.0.0.1", "--for", "0"), "expected seconds, above 0"),
        (("mqtt://127.0.0.1", "--for", "nan"), "expected seconds, above 0"),
        (("mqtt://127.0.0.1", "--most", "0"), "expected a number from 1"),
        (("mqtt://127.0.0.1", "--profiles", "/nowhere"), "/nowhere: no such folder"),
    ],
)
async def test_a_wrong_command_line_is_2(shell: Shell, words: tuple[str, ...], says: str):
    ended = await shell.rempart("probe", *words)
    assert ended.code == Exit.USAGE
    assert says in ended.err
    assert len(ended.err.splitlines()) <= 2


async def test_where_nobody_listens_is_3(shell: Shell, peer: TcpPeer):
    await peer.stop()
    ended = await shell.rempart("probe", peer.url)
    assert ended.code == Exit.NO_CONTROLLER
    assert ended.err == (
        f"rempart: 127.0.0.1:{peer.port}: connection refused: the host is up, but nothing listens there; is the port right?\n"
    )
    assert ended.out == ""


async def test_where_no_unit_answers_is_3_and_what_was_asked_is_told(shell: Shell, peer: TcpPeer):
    peer.mute_units = set(range(256))
    ended = await shell.rempart("probe", f"{peer.url}?unit=1-2", "--patience", "0.05")
    assert ended.code == Exit.NO_CONTROLLER
    assert "  asked                   unit ids 1-2; 2 requests\n  answered                none\n" in ended.out
    assert "nobody answers: something listens there, but no unit that was asked answers" in ended.err
    assert "links:" not in ended.out


async def test_where_another_master_talks_is_4_and_nothing_was_sent(shell: Shell):
    async with bus(lambda unit, pdu: b"") as line:
        running = asyncio.ensure_future(shell.rempart("probe", line.url))
        while not running.done():
            line.say(bytes.fromhex("01 03 00 00 00 01 84 0A"))
            await asyncio.wait([running], timeout=0.1)
        ended = await running
    assert ended.code == Exit.REFUSED
    assert "somebody talks on this line already (01 03 00 00 00 01 84 0a" in ended.err
    assert line.frames == []


async def test_a_wire_that_a_controller_drives_is_refused_by_its_name(shell: Shell, peer: TcpPeer):
    """The claim is this process's, and so is the card that says who it is."""
    folder = shell.runtime / "rempart" / "yard"
    folder.mkdir(parents=True)
    told: dict[str, Any] = {
        "site": "yard",
        "pid": os.getpid(),
        "socket": str(folder / "s"),
        "url": "",
        "token_file": "",
        "boot": "",
    }
    (folder / "api.json").write_text(json.dumps(told))
    with socket.socket(socket.AF_UNIX) as api, claimed([peer.url]):
        api.bind(told["socket"])
        api.listen()
        ended = await shell.rempart("probe", peer.url)
    assert ended.code == Exit.REFUSED
    assert f"the controller of yard (process {os.getpid()}) drives this wire" in ended.err
    assert peer.connections == 0


async def test_a_wire_that_is_being_probed_is_refused_by_the_process(shell: Shell, peer: TcpPeer):
    with claimed([peer.url]):
        ended = await shell.rempart("probe", peer.url)
    assert ended.code == Exit.REFUSED
    assert f"another controller or probe on this machine (process {os.getpid()})" in ended.err
    assert peer.connections == 0


async def test_a_port_that_another_program_has_open_is_4(shell: Shell):
    async with bus(lambda unit, pdu: b"") as line:
        port = line.url.partition("//")[2].partition("?")[0]
        with Serial(port, exclusive=True):
            ended = await shell.rempart("probe", line.url)
    assert ended.code == Exit.REFUSED
    assert (
        ended.err.splitlines()[-1] == f"rempart: {port}: another process has it open (fuser -v names it): stop that one"
    )


async def test_while_it_is_probed_no_controller_takes_the_wire(shell: Shell, peer: TcpPeer):
    peer.mute_units = set(range(256))
    running = await shell.start("probe", f"{peer.url}?unit=1-100")
    await until(lambda: len(peer.frames) > 0)
    with pytest.raises(WireClaimed, match=f"process {running.process.pid}"), claimed([peer.url]):
        raise AssertionError("claimed twice")
    running.interrupt()
    assert (await running.end()).code == Exit.INTERRUPTED


async def test_ctrl_c_ends_it_with_what_was_found_until_then(shell: Shell, peer: TcpPeer):
    peer.mute_units = {199}
    running = await shell.start("probe", f"{peer.url}?unit=7-9")
    await until(lambda: any(frame[6] == 8 and frame[7] == 4 for frame in peer.frames))
    running.interrupt()
    ended = await running.end()
    assert ended.code == Exit.INTERRUPTED
    assert "unit 7" in ended.out
    assert ended.err.splitlines()[-1] == "rempart: interrupted: this is what was found until then"
    assert "Traceback" not in ended.err
    assert not any(frame[6] == 9 and frame[7] == 4 for frame in peer.frames)


@pytest.mark.parametrize(
    ("driven", "looked_at"), [("usb-bus", "ttyUSB0"), ("ttyUSB0", "usb-bus"), ("usb-bus", "usb-bus")]
)
def test_a_serial_port_is_looked_at_under_no_name_while_it_is_driven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driven: str, looked_at: str
):
    (tmp_path / "usb-bus").symlink_to(tmp_path / "ttyUSB0")
    monkeypatch.setattr(claims, "NAMED", (tmp_path,))
    site, probing = f"modbus+rtu://{tmp_path}/{driven}?baudrate=9600", f"serial://{tmp_path}/{looked_at}"
    with claimed([site]), pytest.raises(WireClaimed), claimed([probing], every_name=True):
        raise AssertionError("claimed twice")
    with claimed([probing], every_name=True), pytest.raises(WireClaimed), claimed([site]):
        raise AssertionError("claimed twice")


def test_a_port_that_is_not_said_is_the_usual_one():
    assert places("modbus+tcp://Plc") == places("modbus+tcp://plc:502/") == ["modbus+tcp://plc:502"]


def test_what_passes_is_written_over_on_a_terminal_only(capsys, monkeypatch):
    for terminal in (False, True):
        monkeypatch.setattr(sys.stderr, "isatty", lambda terminal=terminal: terminal)
        tell = probe._progress()
        for text in ("asking", "\runit 1", "\runit 2", "done"):
            tell(text)
    plain, written_over = "asking\ndone\n", "asking\nunit 1\r\x1b[Kunit 2\r\x1b[Kdone\n"
    assert capsys.readouterr().err == plain + written_over
