"""A way that a lockdown does not block is alarmed until it does: the simulated site `gate`, virtual time."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core import kinds
from controller.core.alarms import AlarmState
from controller.core.command import Life
from controller.core.device import Event, Ordered, Sampled, Ticked
from tests.faults.bench import Bench, bench

pytestmark = pytest.mark.simulated

ALARM = "bollards.not-secured"


def alarm(b: Bench) -> tuple[AlarmState, int, str] | None:
    """How the alarm stands, its priority and what it says; None where there is none."""
    standing = {one.id: one for one in b.service.supervisor.alarms.standing()}.get(ALARM)
    return None if standing is None else (standing.state, standing.alarm.priority, standing.text)


async def expired(b: Bench) -> None:
    """Fire a lockdown that a vehicle outlasts."""
    b.occupy("loop-entry")
    await b.until("loop-entry", "occupied")
    fired = await b.ended(await b.order("lockdown", "gate", expires_in_s=2.0))
    assert (fired.life, b.world.free("bollards")) == (Life.FAILED, True)


async def test_a_lockdown_that_expired_is_an_alarm_until_the_way_is_blocked() -> None:
    async with bench("gate") as b:
        await expired(b)
        text = (
            "lockdown: bollards (zone gate) does not block the way: nothing was sent: it waited for "
            "R09 loop-entry: loop occupied"
        )
        assert alarm(b) == (AlarmState.UNACKNOWLEDGED, 1, text)
        b.free("loop-entry")
        await b.until("loop-entry", "clear")
        await b.sleep(1.1)
        await b.ended(await b.order("lockdown", "gate", expires_in_s=30.0))
        over = "it has blocked the way since, or its emergency was reset"
        assert (b.world.secured("bollards"), alarm(b)) == (True, (AlarmState.RETURNED_UNACKNOWLEDGED, 1, over))
        b.service.supervisor.alarms.act(ALARM, "acknowledge", "marie")
        assert alarm(b) is None


async def test_it_is_alarmed_again_after_a_restart() -> None:
    async with bench("gate") as b:
        await expired(b)
        b.crash()
        await b.start()
        await b.until("bollards", "lowered")
        await b.met(lambda: alarm(b) is not None, 3, "it was not alarmed")


async def test_no_restart_under_a_lockdown_that_blocks_the_way_is_an_alarm() -> None:
    async with bench("gate") as b:
        await b.ended(await b.order("lockdown", "gate", expires_in_s=30.0))
        b.crash()
        await b.start()
        await b.until("bollards", "raised")
        await b.sleep(1.0)
        assert alarm(b) is None


async def test_a_lockdown_of_a_device_whose_logic_failed_is_an_alarm_beside_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = kinds.step

    def wrong(device: Any, event: Event, neighbours: Any, at: float) -> Any:
        if device.spec.id == "bollards" and isinstance(event, Sampled | Ticked):
            raise ZeroDivisionError("seeded")
        return right(device, event, neighbours, at)

    async with bench("gate") as b:
        monkeypatch.setattr(kinds, "step", wrong)
        await b.until("bollards", "unknown")
        assert alarm(b) is None
        refused = await b.order("lockdown", "bollards", expires_in_s=30.0)
        assert refused.life is Life.REFUSED
        text = "lockdown: bollards (zone gate) is not known to block the way: its logic failed; restart the controller"
        assert alarm(b) == (AlarmState.UNACKNOWLEDGED, 1, text)
        assert "bollards.crashed" in {one.id for one in b.service.supervisor.alarms.standing()}


async def test_a_device_whose_logic_fails_before_it_has_blocked_the_way_is_an_alarm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = kinds.step

    def wrong(device: Any, event: Event, neighbours: Any, at: float) -> Any:
        if device.state == "raising":
            raise ZeroDivisionError("seeded")
        return right(device, event, neighbours, at)

    async with bench("gate") as b:
        monkeypatch.setattr(kinds, "step", wrong)
        fired = await b.ended(await b.order("lockdown", "bollards", expires_in_s=30.0))
        assert fired.life is Life.UNKNOWN
        await b.met(lambda: alarm(b) is not None, 1, "it was not alarmed")


async def test_a_lockdown_that_its_device_fails_on_is_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    right = kinds.step

    def wrong(device: Any, event: Event, neighbours: Any, at: float) -> Any:
        if isinstance(event, Ordered):
            raise ZeroDivisionError("seeded")
        return right(device, event, neighbours, at)

    async with bench("gate") as b:
        monkeypatch.setattr(kinds, "step", wrong)
        assert (await b.order("lockdown", "bollards", expires_in_s=30.0)).life is Life.REFUSED
        await b.met(lambda: alarm(b) is not None, 1, "it was not alarmed")
