"""What an order says on its way, and in the end."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest

from controller.api import ApiServer, build_app
from controller.statefolder import ensure_token
from tests.cli.desk import Desk, Shell
from tests.cli.desk import desk as opened
from tests.shell.scripted import link_at_rest


async def test_it_tells_the_motion_and_then_the_limit_switch(shell: Shell, tmp_path) -> None:
    async with opened(shell, tmp_path / "yard", link=link_at_rest()) as desk:
        waiting = await shell.start("lower", "bollard")
        await waiting.says("bollard lowering …\n")
        assert "lowered" not in waiting.out
        desk.rig.link.steel("lowered")
        ended = await waiting.end()
    assert ended.out.splitlines()[-1].startswith("bollard lowered (")


async def test_open_and_secure_mean_the_way_and_not_the_steel(desk: Desk) -> None:
    opened_ = await desk.shell.rempart("open", "bollard")
    assert opened_.out.splitlines()[-1].startswith("bollard lowered (")


async def test_a_zone_tells_each_member_and_then_itself(desk: Desk) -> None:
    ended = await desk.shell.rempart("open", "gate")
    last = [line.partition(" (")[0] for line in ended.out.splitlines()[-2:]]
    assert (ended.code, last) == (0, ["bollard lowered", "gate open"])


async def test_a_zone_whose_every_member_refuses_names_the_member_and_its_reason(desk: Desk) -> None:
    await desk.shell.rempart("lower", "bollard")
    desk.rig.link.detect("exit")
    await desk.rig.shows("exit", "occupied")
    ended = await desk.shell.rempart("secure", "gate")
    assert ended.code == 4
    assert "bollard: refused by R09: exit: loop occupied" in ended.err.splitlines()


async def test_the_site_is_a_zone_of_everything(desk: Desk) -> None:
    ended = await desk.shell.rempart("open", "yard")
    assert ended.out.splitlines()[-1].startswith("yard open (")


async def test_the_same_id_again_tells_the_recorded_outcome_and_writes_nothing(desk: Desk) -> None:
    first = await desk.shell.rempart("lower", "bollard", "--id", "o1")
    written = len(desk.rig.link.writes)
    again = await desk.shell.rempart("lower", "bollard", "--id", "o1")
    assert again.out == first.out.splitlines()[-1] + "\n"
    assert len(desk.rig.link.writes) == written


async def test_an_outcome_of_the_past_is_not_told_as_the_present(desk: Desk) -> None:
    await desk.shell.rempart("lower", "bollard", "--id", "o1")
    desk.rig.link.steel("between")
    await desk.rig.shows("bollard", "fault")
    again = await desk.shell.rempart("lower", "bollard", "--id", "o1")
    assert "was confirmed at" in again.out
    assert "it is fault now" in again.out


async def test_an_id_used_for_another_order_is_a_mistake(desk: Desk) -> None:
    await desk.shell.rempart("lower", "bollard", "--id", "o1")
    again = await desk.shell.rempart("stop", "bollard", "--id", "o1")
    assert again.code == 2
    assert "o1" in again.err


async def test_a_version_seen_that_has_passed_is_refused(desk: Desk) -> None:
    ended = await desk.shell.rempart("lower", "bollard", "--seen", "0")
    assert ended.code == 4
    assert "changed-since-seen" in ended.err


async def test_reason_and_expiry_reach_the_journal(desk: Desk) -> None:
    await desk.shell.rempart("lower", "bollard", "--id", "o1", "--reason", "market day", "--expires", "7.5")
    body = (await desk.rig.supervisor.journal.of_command("o1"))[0].entry.body
    assert (body["reason"], body["expires_in_s"]) == ("market day", 7.5)


async def test_no_wait_ends_when_the_order_is_accepted(shell: Shell, tmp_path) -> None:
    async with opened(shell, tmp_path / "yard", link=link_at_rest()):
        ended = await shell.rempart("lower", "bollard", "--no-wait", "--id", "o1")
    assert (ended.code, ended.out.split()[:2]) == (0, ["order", "o1"])


@pytest.mark.parametrize(("target", "parts"), [("bollard", 0), ("gate", 1)])
async def test_json_is_the_order_alone(desk: Desk, target: str, parts: int) -> None:
    ended = await desk.shell.rempart("open", target, "--json")
    told = json.loads(ended.out)
    assert (told["target"], told["life"], len(told.get("parts", []))) == (target, "confirmed", parts)
    assert ended.err == ""


async def test_json_of_a_refusal_has_the_reasons(desk: Desk) -> None:
    ended = await desk.shell.rempart("lower", "entry", "--json")
    told = json.loads(ended.out)
    assert (ended.code, told["life"], told["refusals"][0]["device"]) == (4, "refused", "entry")
    assert "error" not in told


async def test_an_unknown_target_is_answered_with_what_is_near(desk: Desk) -> None:
    ended = await desk.shell.rempart("raise", "bolard")
    assert ended.err == "rempart: no device or zone 'bolard': did you mean bollard?\n"


@pytest.mark.parametrize(
    ("action", "target", "said"),
    [
        ("raise", "gate", "gate is a zone: `rempart secure gate` blocks the way"),
        ("lower", "yard", "yard is the site: `rempart secure yard` blocks the way"),
    ],
)
async def test_a_zone_that_is_told_to_raise_is_answered_with_what_can_be(
    desk: Desk, action: str, target: str, said: str
) -> None:
    ended = await desk.shell.rempart(action, target)
    assert said in ended.err
    assert ended.err.splitlines()[1] == f"{action} one of its devices: bollard"


async def test_a_zone_without_movers_says_that_nothing_can_be_moved(desk: Desk) -> None:
    ended = await desk.shell.rempart("raise", "empty")
    assert ended.err.splitlines()[1] == "none of its devices can be moved"


async def test_an_expiry_that_is_none_says_what_is_expected(desk: Desk) -> None:
    ended = await desk.shell.rempart("raise", "bollard", "--expires", "0.4")
    assert "--expires: expected 0.5 to 60 seconds, found 0.4" in ended.err


async def test_an_order_is_followed_to_its_end_over_a_stream_that_breaks(shell: Shell, tmp_path) -> None:
    async with opened(shell, tmp_path / "yard", link=link_at_rest()) as desk:
        waiting = await shell.start("lower", "bollard")
        await waiting.says("bollard lowering …\n")
        await desk.server.__aexit__()
        desk.rig.link.steel("lowered")
        await desk.rig.shows("bollard", "lowered")
        app = build_app(desk.rig.supervisor, token=ensure_token(tmp_path / "yard"))
        async with ApiServer(app, desk.server.socket_path, port=0):
            ended = await waiting.end()
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[-1].startswith("bollard lowered (")


async def test_an_id_that_is_none_says_what_is_expected(desk: Desk) -> None:
    ended = await desk.shell.rempart("stop", "bollard", "--id", "")
    assert ended.code == 2
    assert "--id: expected 1 to 64 letters, digits, '.', '_' or '-', found ''" in ended.err


async def test_an_order_that_is_superseded_tells_only_its_own_end(shell: Shell, tmp_path) -> None:
    async with opened(shell, tmp_path / "yard", link=link_at_rest()):
        waiting = await shell.start("lower", "bollard")
        await waiting.says("bollard lowering …\n")
        await shell.rempart("stop", "bollard", "--by", "bruno")
        ended = await waiting.end()
    assert (ended.code, ended.out) == (5, "bollard lowering …\n")
    assert ended.err == "bollard: lower superseded by a newer order of bruno to stop\n"


async def test_a_stop_is_followed_to_its_end(shell: Shell, tmp_path) -> None:
    async with opened(shell, tmp_path / "yard", link=link_at_rest()) as desk:
        waiting = await shell.start("lower", "bollard")
        await waiting.says("bollard lowering …\n")
        desk.rig.link.steel("between")
        ended = await shell.rempart("stop", "bollard")
        await waiting.end()
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.startswith("bollard stopped (")
        assert desk.rig.link.written("lower")[-1] is False


@pytest.mark.parametrize("by", ["unix", "tcp"])
async def test_a_stop_that_a_hung_controller_does_not_answer_ends_after_two_seconds(
    shell: Shell, tmp_path: Path, by: str
) -> None:
    asked: list[bytes] = []

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            asked.append(line)
        writer.close()

    unix = by == "unix"
    path = shell.runtime / "api.sock"
    server = await (asyncio.start_unix_server(hang, path) if unix else asyncio.start_server(hang, "127.0.0.1", 0))
    async with server:
        url = f"unix:{path}" if unix else f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        started = time.monotonic()
        ended = await shell.rempart("stop", "bollard", "--url", url, "--token-file", _token(tmp_path))
        took_s = time.monotonic() - started
    assert (ended.code, ended.out) == (3, "")
    assert ended.err == (
        "rempart: do NOT rely on this stop: no answer from the controller within 2 s; "
        "use the emergency stop at the equipment\n"
    )
    assert asked[0].startswith(b"POST /api/v1/commands ")
    assert 2.0 <= took_s < 8.0


def _token(folder: Path) -> Path:
    ensure_token(folder)
    return folder / "token"
