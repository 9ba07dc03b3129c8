"""Emergency and its reset, lock-out and test from the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from controller.core.mover import Mover
from controller.ports import Mute
from tests.cli.desk import Desk, Shell
from tests.cli.desk import desk as opened
from tests.shell.scripted import Rig, link_at_rest

LATCHED = "the emergency is latched: nothing opens until a supervisor's `rempart release yard`"


def mover(rig: Rig) -> Mover:
    shown = rig.device("bollard")
    assert isinstance(shown, Mover)
    return shown


async def test_r06_a_lockdown_is_for_the_whole_site_and_tells_each_member(shell: Shell, tmp_path: Path) -> None:
    link = link_at_rest("lowered")
    link.follow()
    async with opened(shell, tmp_path / "yard", link=link) as desk:
        ended = await shell.rempart("lockdown", "--by", "marie")
        assert mover(desk.rig).holds.efo is not None
    lines = ended.out.splitlines()
    assert (ended.code, ended.err, lines[-1]) == (0, "", LATCHED)
    assert [line.partition(" (")[0] for line in lines[-3:-1]] == ["bollard raised", "yard locked down"]


async def test_r06_the_supervisors_token_releases_by_itself(desk: Desk) -> None:
    await desk.rempart("lockdown", "--by", "marie")
    ended = await desk.rempart("release", "--by", "zoé")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == ["bollard: reset by zoé as supervisor", "yard: release done at every device"]
    assert mover(desk.rig).holds.efo is None


async def test_r06_a_second_release_finds_nothing_to_reset(desk: Desk) -> None:
    await desk.rempart("lockdown")
    await desk.rempart("release")
    ended = await desk.rempart("release", "bollard")
    assert (ended.code, ended.out) == (0, "bollard: nothing to do: no emergency is latched\n")


async def test_r06_the_operators_token_does_not_release(desk: Desk) -> None:
    await desk.rempart("lockdown", "bollard", "--by", "marie")
    ended = await desk.rempart("release", "bollard", "--token-file", desk.token_file)
    assert (ended.code, ended.out) == (4, "")
    assert ended.err == ("refused by R06: bollard: fired by marie as operator: a person of another role resets it\n")
    assert mover(desk.rig).holds.efo is not None


async def test_a_release_whose_token_cannot_be_read_asks_nothing(desk: Desk) -> None:
    (desk.token_file.parent / "supervisor-token").chmod(0o644)
    ended = await desk.rempart("release")
    assert ended.code == 3
    assert "others can read or change it" in ended.err


async def test_r06_a_lockdown_with_a_dead_unit_names_it_and_latches(desk: Desk) -> None:
    desk.rig.link.fail("io", Mute)
    await desk.rig.shows("bollard", "offline")
    ended = await desk.rempart("lockdown")
    assert ended.code == 5
    assert "bollard: lockdown failed: latched, but not moved: unreachable bollard: io does not answer" in ended.err
    assert "yard: lockdown failed: bollard failed: latched, but not moved" in ended.err
    assert ended.err.splitlines()[-3:] == [
        "a way may still be OPEN: use the emergency stop or the equipment's own key at",
        "the place; once nothing is in the way any more, fire again:",
        "`rempart lockdown yard`",
    ]
    assert ended.out.splitlines() == [LATCHED]
    assert mover(desk.rig).holds.efo is not None


async def test_r09_a_lockdown_that_waits_for_a_vehicle_says_so_once_and_goes_on_without_us(
    shell: Shell, tmp_path: Path
) -> None:
    link = link_at_rest("lowered")
    link.follow()
    link.detect("entry")
    async with opened(shell, tmp_path / "yard", link=link) as desk:
        await desk.rig.shows("entry", "occupied")
        waiting = await shell.start("lockdown")
        await waiting.says("bollard waits for R09 entry: loop occupied …\n")
        waiting.interrupt()
        ended = await waiting.end()
        assert (ended.code, ended.out.count("waits for")) == (130, 1)
        assert "the emergency is latched: `rempart release yard`, by a supervisor, resets it" in ended.err
        link.detect("entry", occupied=False)
        await desk.rig.shows("bollard", "raised")


@pytest.mark.parametrize("words", [("lockdown",), ("lockdown", "bollard")])
async def test_a_lockdown_that_a_hung_controller_does_not_answer_ends_after_two_seconds(
    desk: Desk, words: tuple[str, ...]
) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ended = await desk.rempart(*words, "--url", url, "--token-file", desk.token_file)
    assert (ended.code, ended.out) == (3, "")
    assert ended.err == (
        "rempart: do NOT rely on this lockdown: no answer from the controller within 2 s; "
        "use the emergency stop or the equipment's own key at the place\n"
    )


@pytest.mark.parametrize("words", [("lockdown",), ("stop", "bollard")])
async def test_whoever_fires_or_stops_and_reaches_no_controller_is_sent_to_the_place(
    shell: Shell, words: tuple[str, ...]
) -> None:
    ended = await shell.rempart(*words)
    assert ended.code == 3
    assert ended.err.startswith("rempart: no controller is running on this machine")
    assert f"\ndo NOT rely on this {words[0]}: use the emergency stop" in ended.err


async def test_whoever_fires_at_a_controller_that_is_gone_is_sent_to_the_place(desk: Desk) -> None:
    url = f"unix:{desk.shell.runtime / 'nobody'}"
    ended = await desk.rempart("lockdown", "bollard", "--url", url, "--token-file", desk.token_file)
    assert ended.code == 3
    told = "do NOT rely on this lockdown: use the emergency stop or the equipment's own key at the place"
    assert ended.err.splitlines()[-1] == told


async def test_a_lockdown_of_what_cannot_be_moved_is_no_way_that_is_open(desk: Desk) -> None:
    ended = await desk.rempart("lockdown", "entry")
    assert (ended.code, ended.err) == (4, "refused by kind: entry: a loop cannot be moved\n")


async def test_a_lock_out_and_who_lifts_it(desk: Desk) -> None:
    locked = await desk.rempart("lock-out", "bollard", "--reason", "hose replaced", "--by", "luc", "--id", "tag-1")
    assert (locked.code, locked.out) == (0, "bollard: locked out by luc: hose replaced\n")
    moved = await desk.rempart("lower", "bollard")
    assert (moved.code, moved.err) == (
        4,
        "refused by lock-out: bollard: locked out by luc: hose replaced (tag tag-1)\n",
    )
    other = await desk.rempart("lift", "bollard", "--by", "zoé")
    noted = "bollard: noted, NOT lifted yet: a second person besides zoé lifts luc's lock-out\n"
    assert (other.code, other.out, other.err) == (6, "", noted)
    again = await desk.rempart("lift", "bollard", "--by", "zoé")
    assert (again.code, again.err) == (
        4,
        "refused by lock-out: bollard: zoé has asked already: a second person lifts another's lock-out\n",
    )
    assert (await desk.rempart("lift", "bollard", "--by", "luc")).out == "bollard: lifted\n"
    old = await desk.rempart("lock-out", "bollard", "--reason", "hose replaced", "--by", "luc", "--id", "tag-1")
    assert "lock-out was confirmed at" in old.out
    assert "it is in mode remote now" in old.out


async def test_a_lock_out_needs_its_reason(desk: Desk) -> None:
    ended = await desk.rempart("lock-out", "bollard")
    assert (ended.code, "--reason" in ended.err) == (2, True)


async def test_a_test_is_one_persons(desk: Desk) -> None:
    taken = await desk.rempart("test", "bollard", "--by", "luc")
    assert (taken.code, taken.out) == (0, "bollard: in test, held by luc\n")
    other = await desk.rempart("lower", "bollard", "--by", "marie")
    assert (other.code, other.err) == (4, "refused by test: bollard: luc holds it in test\n")
    assert (await desk.rempart("lower", "bollard", "--by", "luc")).code == 0
    assert (await desk.rempart("end-test", "bollard", "--by", "luc")).out == "bollard: test ended\n"


async def test_who_is_at_the_terminal_is_behind_the_order_also_behind_sudo(desk: Desk, shell: Shell) -> None:
    for more, who in (({"LOGNAME": "luc"}, "luc"), ({"LOGNAME": "root", "SUDO_USER": "zoé"}, "zoé")):
        shell.more = more
        await desk.rempart("stop", "bollard", "--id", f"by-{who[0]}")
        body = (await desk.rig.supervisor.journal.of_command(f"by-{who[0]}"))[0].entry.body
        assert body["by"] == who


async def test_devices_and_watch_say_who_holds_a_device(desk: Desk) -> None:
    await desk.rempart("lock-out", "bollard", "--reason", "hose", "--by", "luc")
    for words in (("devices",), ("watch", "--once")):
        shown = await desk.rempart(*words)
        row = next(line for line in shown.out.splitlines() if "bollard" in line)
        assert "maintenance" in row
    listed = (await desk.rempart("devices")).out
    assert "locked out by luc" in " ".join(listed.split())


async def test_a_zone_with_nothing_to_do_says_so(desk: Desk) -> None:
    for words in (("release", "gate"), ("release", "yard"), ("re-arm", "gate")):
        ended = await desk.rempart(*words)
        assert (ended.code, ended.out.splitlines()[-1].startswith(f"{words[1]}: nothing to do: no ")) == (0, True)


async def test_r26_a_unit_is_a_target_of_re_arm_alone(desk: Desk) -> None:
    armed = await desk.rempart("re-arm", "io")
    assert (armed.code, armed.out) == (0, "io: nothing to do: its watchdog has not expired\n")
    wrong = await desk.rempart("re-arm", "io9")
    assert (wrong.code, "there are the units detectors, io" in wrong.err) == (2, True)


async def test_a_zone_of_which_a_lock_out_is_not_lifted_yet_says_where(desk: Desk) -> None:
    await desk.rempart("lock-out", "gate", "--reason", "hose replaced", "--by", "luc")
    first = await desk.rempart("lift", "gate", "--by", "zoé")
    assert (first.code, first.out) == (6, "")
    assert first.err.splitlines()[-1] == "gate: NOT lifted yet at bollard"
    second = await desk.rempart("lift", "gate", "--by", "max")
    assert (second.code, second.out.splitlines()[-1]) == (0, "gate: lift done at every device")


async def test_r26_re_arming_what_has_not_expired_says_so(desk: Desk) -> None:
    ended = await desk.rempart("re-arm", "bollard")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "bollard: nothing to do: no watchdog of its units has expired\n"


@pytest.mark.parametrize("by", ["", "  ", "\u200b"])
@pytest.mark.parametrize("words", [("lift", "bollard"), ("lower", "bollard"), ("end", "bollard"), ("pass", "bollard")])
async def test_a_name_of_which_nothing_can_be_seen_is_a_mistake(desk: Desk, words: tuple[str, ...], by: str) -> None:
    ended = await desk.rempart(*words, "--by", by)
    assert (ended.code, ended.out) == (2, "")
    assert "argument --by: empty: say who is behind it" in ended.err


async def test_one_person_is_not_two_who_lift_anothers_lock_out(desk: Desk) -> None:
    await desk.rempart("lock-out", "bollard", "--reason", "hose", "--by", "luc")
    await desk.rempart("lift", "bollard", "--by", "Zoé Martin")
    again = await desk.rempart("lift", "bollard", "--by", " zoé  MARTIN ")
    assert (again.code, "has asked already" in again.err) == (4, True)
