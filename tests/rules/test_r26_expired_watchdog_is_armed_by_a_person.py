"""R26 I/O watchdog expired (WAGO 0x1006 = 2, Moxa safe status = 1): outputs 'unknown', alarm, explicit re-arm (WG, MX)."""

from __future__ import annotations

import pytest

from controller.core.command import Life
from controller.peer import Peer
from tests.faults.bench import Bench, bench

pytestmark = pytest.mark.simulated


async def starved(b: Bench) -> None:
    """Let the controller go on polling, but feed no watchdog any more, until one has expired."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Peer, "food", lambda peer, now: setattr(peer, "feed_due", now + 1.0))
        await b.until("bollards", "offline", within_s=10)


async def test_r26_it_is_alarmed_nothing_moves_and_only_a_person_arms_it_again():
    async with bench("gate") as b:
        order = await b.order("raise", "bollards")
        await b.until("bollards", "raising")
        await starved(b)
        assert order.life is Life.UNKNOWN
        alarms = [s.alarm for s in b.service.supervisor.alarms.standing() if s.id == "bollards.offline"]
        assert ["R26" in alarm.text for alarm in alarms] == [True]
        await b.sleep(60)
        assert b.device("bollards").state == "offline"
        assert not any(b.built.images["io"].read(name) for name in ("do0", "do1"))
        armed = await b.order("re-arm", "bollards")
        assert armed.life is Life.CONFIRMED
        await b.until("bollards", "stopped", within_s=10)


async def test_r26_after_it_was_armed_again_it_obeys():
    async with bench("gate") as b:
        await starved(b)
        await b.order("re-arm", "bollards")
        await b.until("bollards", "lowered", within_s=10)
        await b.sleep(1.5)
        await b.ended(await b.order("raise", "bollards"))
        assert b.world.secured("bollards")


async def test_r26_one_that_expired_while_the_wire_was_gone_is_alarmed_though_it_is_armed_with_its_opening():
    async with bench("gate") as b:
        await b.until("bollards", "lowered")
        spell = b.weather.begin("partition", "io")
        await b.sleep(10)
        b.weather.end(spell)
        await b.until("bollards", "lowered")
        (told,) = [standing for standing in b.service.supervisor.alarms.standing() if standing.id == "io.watchdog"]
        assert (told.state, told.alarm.priority) == ("returned-unacknowledged", 2)
        assert "R26" in told.text
        noted = [r.entry.body["event"] for r in await b.records(kind="unit", device="io")]
        assert noted == ["up", "down", "watchdog-expired", "up"]


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Peer, "expired", lambda *_: False)
