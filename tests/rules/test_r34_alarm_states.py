"""R34 Alarm machine has the 7 ISA-18.2 states A-G and ack/shelve/unshelve/remove/return (Beckhoff TF8401)."""

from __future__ import annotations

import pytest

from controller.annunciator import Annunciator, NotDone
from controller.core import alarms
from controller.core.alarms import COMMAND_CODES, STATE_CODES, AlarmState, Standing
from tests.faults.bench import Bench, bench
from tests.rules.yard import YARD

pytestmark = pytest.mark.simulated

ALARM = "cabinet.tamper"
A, B, C, D, E, F, G = AlarmState


def state(b: Bench, alarm: str = ALARM) -> AlarmState:
    found = b.service.supervisor.alarms
    return next((s.state for s in (*found.standing(), *found.hidden()) if s.id == alarm), AlarmState.NORMAL)


async def opened(b: Bench, wanted: AlarmState, *, level: bool = True) -> None:
    """Open the cabinet, or close it, until its alarm is in the wanted state."""
    b.built.images["house-io"].force("di3", level)
    await b.met(lambda: state(b) is wanted, 3, f"{ALARM} is {state(b)}, not {wanted}")


def act(b: Bench, event: str) -> AlarmState:
    return b.service.supervisor.alarms.act(ALARM, event, by="anna", reason="seen on site").state


def shelve(b: Bench) -> AlarmState:
    return b.service.supervisor.alarms.shelve(ALARM, 600, by="anna", reason="painters").state


def test_r34_there_are_seven_states_and_five_commands_with_their_numbers():
    assert list(STATE_CODES.values()) == [1, 2, 3, 4, 5, 6, 7]
    assert COMMAND_CODES == {"acknowledge": 2, "shelve": 4, "unshelve": 8, "remove": 16, "return": 32}


async def test_r34_it_comes_is_acknowledged_and_goes():
    async with bench(YARD) as b:
        assert state(b) is A
        await opened(b, B)
        assert act(b, "acknowledge") is C
        await opened(b, A, level=False)


async def test_r34_what_nobody_saw_stays_until_it_is_acknowledged():
    async with bench(YARD) as b:
        await opened(b, B)
        await opened(b, D, level=False)
        await b.sleep(60)
        assert state(b) is D
        assert act(b, "acknowledge") is A


async def test_r34_shelved_and_unshelved():
    async with bench(YARD) as b:
        await opened(b, B)
        assert shelve(b) is E
        assert act(b, "unshelve") is B
        assert shelve(b) is E
        b.built.images["house-io"].force("di3", False)
        await b.until("cabinet", "normal")
        assert act(b, "unshelve") is A


async def test_r34_what_another_alarm_says_already_is_suppressed_and_comes_back():
    async with bench(YARD) as b:
        spell = b.weather.begin("silence", "house-io")
        await b.met(lambda: state(b, "cabinet.offline") is F, 5, "it was never suppressed by design")
        assert state(b, "house-io.no-answer") is B
        b.weather.end(spell)
        await b.met(lambda: state(b, "cabinet.offline") is A, 10, "it stayed suppressed")


async def test_r34_removed_from_service_and_returned():
    async with bench(YARD) as b:
        await opened(b, B)
        assert act(b, "remove") is G
        assert act(b, "return") is B


async def test_r34_a_command_that_does_not_fit_the_state_is_refused():
    async with bench(YARD) as b:
        await opened(b, B)
        for event in ("unshelve", "return"):
            with pytest.raises(NotDone):
                act(b, event)
        shelve(b)
        with pytest.raises(NotDone):
            act(b, "acknowledge")


async def test_r34_who_did_what_and_why_is_in_the_journal():
    async with bench(YARD) as b:
        await opened(b, B)
        act(b, "acknowledge")
        shelve(b)
        bodies = [r.entry.body for r in await b.records(kind="alarm", device="cabinet")]
        told = [(body["event"], body["state"], body["who"]) for body in bodies]
        assert told == [
            ("comes", "unacknowledged", "controller"),
            ("acknowledge", "acknowledged", "anna"),
            ("shelve", "shelved", "anna"),
        ]
        assert [body["why"] for body in bodies[1:]] == ["seen on site", "painters"]


def broken(patch: pytest.MonkeyPatch) -> None:
    first = alarms.step

    def deaf(standing: Standing, event: str, **who: str) -> Standing:
        return standing if event in ("acknowledge", "remove") else first(standing, event, **who)

    patch.setattr("controller.annunciator.step", deaf)
    patch.setattr(Annunciator, "_suppressed_by", lambda *_: "")
