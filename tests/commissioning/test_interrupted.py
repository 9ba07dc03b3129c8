"""A test that is broken off: outputs are released, the device is given back or held for the same test; the journal says so."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.commissioning import session as sessions
from controller.commissioning.bench import now
from controller.commissioning.record import Outcome, Person, StepRecord, Subject
from controller.commissioning.session import Session
from controller.commissioning.steps import STEPS
from tests.commissioning.gate import Gate
from tests.system.field import wait_for

MOVING = [step.id for step in STEPS if step.moves]
WORDS = ("commission", "wedge", "--unattended", "--by", "Ada", "--cycles", "2", "--report", "report")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    with Gate(tmp_path_factory.mktemp("gate")) as gate:
        yield gate


@pytest.fixture
def gate(running: Gate) -> Iterator[Gate]:
    """The gate at rest, in nobody's hands, and no test of it under way."""
    running.rempart("trouble", "clear")
    running.rempart("trouble", "vacate")
    kept(running).unlink(missing_ok=True)
    shutil.rmtree(running.folder / "report", ignore_errors=True)
    running.rempart("release", "gate", "--by", "Bo")
    running.rempart("end-test", "wedge", "--by", "Ada")
    at_rest(running)
    yield running
    running.end_children()


def kept(gate: Gate) -> Path:
    return gate.folder / "states" / "rempart" / "gate" / "commissioning" / "wedge.json"


def begun_at(gate: Gate, step: str) -> subprocess.Popen[str]:
    """A test whose earlier steps were done, in the middle of `step`: its steel is moving."""
    done = [one for one in STEPS if STEPS.index(one) < [it.id for it in STEPS].index(step)]
    records = [
        StepRecord(id=one.id, section=one.section, began=now(), ended=now(), outcome=Outcome.PASSED) for one in done
    ]
    subject = Subject(
        site="gate", site_title="The gate", revision=revision(gate), device="wedge", kind="road_blocker", title="Wedge",
        zone="gate", profile="gate-wedge", wiring={}, units=(),
    )  # fmt: skip
    session = Session(
        id="broken-off", subject=subject, began=now(), tester=Person("Ada"), witness=None, unattended=True, simulated=True,
        finished=records,
    )  # fmt: skip
    sessions.save(kept(gate), session)
    child = gate.begin(*WORDS)
    wait_for(f"motion in {step}", lambda: child.poll() is not None or moves(gate))
    assert child.poll() is None, child.communicate()
    return child


def revision(gate: Gate) -> str:
    """What the controller says that its site's files are."""
    started = [record for record in gate.told("service") if record["body"].get("event") == "started"]
    return str(started[-1]["body"]["revision"])


def moves(gate: Gate) -> bool:
    shown = gate.shown("wedge")
    return shown["state"] in ("raising", "lowering") or shown["forced"] is not None


def at_rest(gate: Gate) -> None:
    """Wait until nothing drives the wedge, and its outputs are read to be off."""
    wait_for(
        "the wedge at rest", lambda: not moves(gate) and gate.shown("wedge")["state"] not in ("unknown", "offline")
    )
    for relay in ("io.do0", "io.do1"):
        assert json.loads(gate.rempart("point", "read", relay, "--json")[1])["value"] is False


@pytest.mark.parametrize("step", MOVING)
def test_r24_ctrl_c_in_any_step_releases_the_outputs_and_gives_the_device_back(gate: Gate, step: str) -> None:
    child = begun_at(gate, step)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130, out + err
    assert "`rempart commission wedge` goes on" in err
    at_rest(gate)
    shown = gate.shown("wedge")
    assert shown["held"]["test"] == ""
    assert any("broken off" in record["body"].get("reason", "") for record in gate.told("command"))
    session = sessions.load(kept(gate))
    assert session is not None
    assert step not in {one.id for one in session.finished}
    assert session.interrupted
    gate.rempart("release", "gate", "--by", "Bo")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["told to end", "the terminal is closed"])
def test_and_so_does_the_end_of_its_terminal(gate: Gate, number: signal.Signals) -> None:
    child = begun_at(gate, "performance")
    child.send_signal(number)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130, out + err
    at_rest(gate)
    assert gate.shown("wedge")["held"]["test"] == ""


def test_r24_a_test_that_is_killed_leaves_no_output_on_and_a_lock_that_the_same_command_goes_on_with(
    gate: Gate,
) -> None:
    child = begun_at(gate, "performance")
    child.kill()
    child.communicate(timeout=60)
    at_rest(gate)
    assert gate.shown("wedge")["held"]["test"] == "Ada"
    assert gate.rempart("raise", "wedge", "--by", "Bo")[0] == 4
    again = gate.begin(*WORDS)
    out, err = again.communicate(timeout=110)
    assert "going on with the test of" in out, err
    assert gate.shown("wedge")["held"]["test"] == ""


def test_r17_a_lost_wire_ends_the_motion_as_unknown_and_the_test_goes_on_to_its_end(gate: Gate) -> None:
    child = begun_at(gate, "performance")
    gate.rempart("trouble", "silence", "io", "--for", "2")
    out, err = child.communicate(timeout=110)
    assert child.returncode == 1, out + err
    at_rest(gate)
    assert gate.shown("wedge")["held"]["test"] == ""


def test_rule_9_somebody_elses_emergency_ends_the_test_and_is_neither_stopped_nor_reset(gate: Gate) -> None:
    child = begun_at(gate, "performance")
    assert gate.rempart("lockdown", "wedge", "--by", "Guard")[0] == 0
    out, err = child.communicate(timeout=110)
    assert child.returncode == 5, out + err
    assert "an emergency was fired by Guard" in err
    at_rest(gate)
    shown = gate.shown("wedge")
    assert (shown["state"], shown["held"]["efo"]["by"]) == ("raised", "Guard")
    # Begun anew it is refused, and stops nothing either.
    kept(gate).unlink()
    stops = len([one for one in gate.told("command") if one["body"].get("action") == "stop"])
    code, out, err = gate.rempart(*WORDS)
    assert code == 4, out + err
    assert len([one for one in gate.told("command") if one["body"].get("action") == "stop"]) == stops
    assert gate.shown("wedge")["held"]["efo"]["by"] == "Guard"
    assert gate.rempart("release", "wedge", "--by", "Bo")[0] == 0


@pytest.mark.parametrize("how", ["another person's key", "a folder that is not empty"])
def test_what_would_keep_the_report_from_being_signed_is_told_before_anything_moves(gate: Gate, how: str) -> None:
    before = len(gate.told("command"))
    words = list(WORDS)
    if how == "another person's key":
        assert gate.rempart("report", "key", "--name", "Bo", "--key", "bo.key")[0] == 0
        words += ["--key", "bo.key"]
        says = "the key is Bo's, and the tester is Ada"
    else:
        (gate.folder / "full").mkdir()
        (gate.folder / "full" / "note").write_text("mine")
        words[words.index("report")] = "full"
        says = "a report is never overwritten"
    code, _, err = gate.rempart(*words)
    assert code == 2
    assert f"nothing was begun: {'' if how.startswith('another') else 'full: is not empty, and '}{says}" in err
    assert len(gate.told("command")) == before
