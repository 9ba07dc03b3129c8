"""R39 Alerts: primary power fail, standby trouble, comms loss, tamper, forced position; config mode enter AND leave logged."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core import kinds
from controller.core.command import Life
from controller.supervisor import Supervisor
from tests.faults.bench import Bench, bench
from tests.rules.yard import YARD, alarmed

pytestmark = pytest.mark.simulated

CONTACTS = {
    "mains.mains-lost": ("di4", False, 2, "primary power has failed, on standby power: Mains of the gate"),
    "battery.battery": ("di5", False, 2, "standby power in trouble: Battery of the gate"),
    "cabinet.tamper": ("di3", True, 2, "tampered with: Cabinet of the gate"),
    "seal.forced": ("di6", True, 1, "position forced: Steel of the gate"),
}


async def test_r39_power_standby_tamper_and_forced_position_are_alarms_that_name_the_place():
    async with bench(YARD) as b:
        for alarm, (point, level, priority, text) in CONTACTS.items():
            b.built.images["house-io"].force(point, level)
            assert await alarmed(b, alarm) == text
            [standing] = [s for s in b.service.supervisor.alarms.standing() if s.id == alarm]
            assert (standing.alarm.priority, standing.zone) == (priority, "gate")


async def test_r39_a_unit_that_is_no_longer_heard_is_an_alarm_and_the_journal_says_so():
    async with bench(YARD) as b:
        b.weather.begin("silence", "io")
        await alarmed(b, "io.no-answer")
        events = [r.entry.body["event"] for r in await b.records(kind="unit", device="io")]
        assert events == ["up", "down"]


async def held(b: Bench) -> list[tuple[str, str]]:
    """Return the mode, and who holds the device in test, of each record of what is held over it."""
    bodies: list[Any] = [r.entry.body for r in await b.records(kind="mode", device="bollards")]
    return [(body["mode"], body["holds"]["test"]) for body in bodies]


async def test_r39_entering_and_leaving_test_mode_are_in_the_journal_with_who_did_it():
    async with bench(YARD) as b:
        assert (await b.order("test", "bollards", by="luc")).life is Life.CONFIRMED
        assert await held(b) == [("test", "luc")]
        assert (await b.order("end-test", "bollards", by="luc")).life is Life.CONFIRMED
        assert await held(b) == [("test", "luc"), ("remote", "")]
        orders = [r.entry.body for r in await b.records(kind="command")]
        asked = [(body["action"], body["by"]) for body in orders if body["life"] == "received"]
        assert asked == [("test", "luc"), ("end-test", "luc")]


async def test_r39_so_are_those_of_local_mode():
    async with bench(YARD) as b:
        b.key("bollards", local=True)
        await b.met(lambda: b.device("bollards").mode == "local", 3, "the mode never became local")
        b.key("bollards", local=False)
        await b.met(lambda: b.device("bollards").mode == "remote", 3, "the mode never became remote")
        modes = [r.entry.body["mode"] for r in await b.records(kind="device", device="bollards")]
        assert modes[-2:] == ["local", "remote"]


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(kinds, "alarms", lambda _: ())
    patch.setattr(Supervisor, "down", lambda *_: None)
