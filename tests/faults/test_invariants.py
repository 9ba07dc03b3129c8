"""Each invariant is seen to fail: a frame, a plant or a record is made wrong by hand, and the invariant says so.

What is planted goes round the controller, straight onto the wire, into the world or into the journal.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from controller.core.command import Life
from controller.core.readings import Value
from controller.logbook import Asked
from controller.ports import Entry
from simulators.world import World
from tests.faults.afterwards import Commandable
from tests.faults.bench import Bench, bench
from tests.faults.closing import judged
from tests.faults.emergency import Lockdown, Warned
from tests.faults.invariants import Broken, Invariant
from tests.faults.knowledge import Knowledge
from tests.faults.trial import ALL
from tests.faults.wires import Frame

pytestmark = pytest.mark.simulated


@dataclass
class Court:
    b: Bench
    judges: list[Invariant]
    broken: list[Broken]

    @property
    def letters(self) -> set[str]:
        return {broken.invariant for broken in self.broken}

    def frame(self, unit: str, values: Mapping[str, Value]) -> None:
        """Send a frame that no controller has sent."""
        link = self.b.built.plan.units[unit].link
        frame = Frame(self.b.now, link, unit, values, self.b.now + 1)
        self.b.trace.sent(frame)
        frame.arrived = self.b.now
        self.b.boxes[unit].write(values)
        self.b.trace.arrived(frame)

    def judge(self, kind: type[Any]) -> Any:
        return next(judge for judge in self.judges if isinstance(judge, kind))


@asynccontextmanager
async def court(site: str = "gate") -> AsyncIterator[Court]:
    async with bench(site) as b:
        broken: list[Broken] = []
        known = Knowledge(b)
        judges = [judge(known, broken) for judge in ALL]
        b.trace.witnesses += [known, *judges]
        await b.sleep(0.5)
        yield Court(b, judges, broken)


async def test_nothing_is_broken_by_an_ordinary_day():
    async with court() as c:
        order = await c.b.order("raise", "bollards")
        await c.b.ended(order)
        await c.b.ended(await c.b.order("lower", "bollards"))
        await judged(c.b, c.judges)
        assert order.life is Life.CONFIRMED
        assert c.broken == []


async def test_a_a_frame_after_its_orders_expiry():
    async with court() as c:
        c.b.occupy("loop-entry")
        await c.b.sleep(1)
        await c.b.order("raise", "bollards", expires_in_s=1.0)
        c.b.free("loop-entry")
        await c.b.sleep(3)
        c.frame("io", {"do0": True})
        assert c.letters == {"a"}


async def test_b_a_second_motion_for_one_order():
    async with court() as c:
        await c.b.order("raise", "bollards", expires_in_s=20.0)
        await c.b.until("bollards", "raised")
        c.frame("io", {"do0": True})
        assert c.letters == {"b"}


async def test_c_a_start_while_a_loop_is_occupied():
    async with court() as c:
        c.b.occupy("loop-entry")
        await c.b.sleep(2)
        c.frame("io", {"do0": True})
        assert "c" in c.letters


async def test_c_a_start_a_moment_after_a_loop_was_cleared():
    async with court() as c:
        c.b.occupy("loop-entry")
        await c.b.sleep(1)
        c.b.free("loop-entry")
        await c.b.sleep(0.9)
        c.frame("io", {"do0": True})
        assert "c" in c.letters
        assert "clear for" in str(c.broken)


async def test_c_a_start_while_nothing_fresh_is_known_of_a_loop():
    async with court("airlock") as c:
        c.b.weather.begin("silence", "detector-outer")
        await c.b.sleep(3)
        c.frame("io", {"do0": True})
        assert "c" in c.letters
        assert "nothing fresh" in str(c.broken)


async def test_c_steel_driven_against_a_vehicle_that_the_wire_shows():
    async with court() as c:
        await c.b.sleep(12)
        c.b.vehicle("lane", 33, 6.0)
        await c.b.sleep(4)
        c.b.boxes["io"].write({"do0": True})
        await c.b.sleep(1)
        assert any(broken.invariant == "c" and "stood in its way" in broken.detail for broken in c.broken)


async def test_d_the_second_row_of_an_airlock_opened():
    async with court("airlock") as c:
        await c.b.ended(await c.b.order("lower", "outer"))
        c.frame("io", {"do3": True})
        await c.b.sleep(1)
        assert "d" in c.letters
        assert any("both were opened by command" in broken.detail for broken in c.broken)


async def test_e_a_start_in_local():
    async with court() as c:
        c.b.key("bollards", local=True)
        await c.b.sleep(2)
        c.frame("io", {"do0": True})
        assert "e" in c.letters


async def test_e_a_start_of_steel_that_nothing_is_known_of():
    async with court() as c:
        c.b.weather.begin("silence", "io")
        await c.b.sleep(3)
        c.frame("io", {"do0": True})
        assert "e" in c.letters


async def test_f_a_start_that_nobody_ordered():
    async with court() as c:
        c.frame("io", {"do0": True})
        assert c.letters == {"f"}


async def test_f_an_output_that_stays_on():
    async with court() as c:
        await c.b.sleep(12)
        c.b.boxes["io"].write({"do1": True})
        await c.b.sleep(5)
        assert c.letters == {"f"}


async def test_g_a_start_before_the_order_is_on_the_disk():
    async with court() as c:
        c.b.disk.slow_s = 1.0
        request = c.b.request("raise", "bollards")
        giving = asyncio.get_running_loop().create_task(c.b.give(request))
        await c.b.sleep(0.1)
        c.frame("io", {"do0": True})
        assert c.letters == {"g"}
        await giving


async def test_h_a_state_that_the_world_contradicts(monkeypatch: pytest.MonkeyPatch):
    async with court() as c:
        shown = {name: c.b.device(name) for name in c.b.site.devices}
        monkeypatch.setattr(c.b, "device", shown.__getitem__)
        c.b.pump("bollards", 1.0)
        await c.b.sleep(3)
        assert shown["bollards"].state == "lowered"
        assert c.letters == {"h"}


async def test_i_a_mover_that_cannot_be_moved_when_all_is_over():
    async with court() as c:
        c.judge(Commandable).settles("bollards", "raise is refused")
        assert c.letters == {"i"}
        c.b.mover("bollards").jammed.add(0)
        await judged(c.b, c.judges)
        assert [broken.invariant for broken in c.broken].count("i") > 1


async def test_j_a_lockdown_that_does_not_secure(monkeypatch: pytest.MonkeyPatch):
    async with court() as c:
        monkeypatch.setattr(World, "secured", lambda world, mover: False)
        await c.b.sleep(10)
        await c.b.order("lockdown", "bollards")
        await c.b.sleep(30)
        assert c.letters == {"j"}


async def test_j_a_lockdown_that_secures():
    async with court() as c:
        await c.b.sleep(10)
        await c.b.order("lockdown", "bollards", role="operator")
        await c.b.sleep(30)
        assert c.broken == []
        assert c.judge(Lockdown).tried == 1


async def test_k_both_outputs_on():
    async with court() as c:
        await c.b.order("raise", "bollards")
        await c.b.sleep(3)
        c.frame("io", {"do1": True})
        assert "k" in c.letters


async def test_l_a_command_without_an_end():
    async with court() as c:
        c.b.service.journal.note(Entry("command", "bollards", "lost", {"life": "received"}))
        await judged(c.b, c.judges)
        assert c.letters == {"l"}


async def test_m_a_start_before_the_beacon_was_lit():
    async with court() as c:
        await c.b.sleep(10)
        c.frame("io", {"do0": True})
        assert "m" in c.letters
        assert c.judge(Warned).tried == 1


@pytest.mark.parametrize(
    ("long_s", "ago_s", "found"), [(0.5, 0.0, True), (1.2, 0.0, False), (5.0, 3.0, True), (5.0, 1.0, False)]
)
async def test_m_a_start_after_the_beacon_was_lit_too_briefly_or_too_long_ago(long_s: float, ago_s: float, found: bool):
    async with court() as c:
        await c.b.sleep(10)
        (beacon,) = c.b.field.lit
        until = c.b.field.clock.now() - ago_s
        c.b.field.lit[beacon] = [(until - long_s, until if ago_s else math.inf)]
        c.frame("io", {"do0": True})
        assert ("m" in c.letters) is found


async def test_e_a_start_while_somebody_works_on_it():
    async with court() as c:
        await c.b.order("lock-out", "bollards", by="anna", reason="greasing")
        c.frame("io", {"do1": True})
        assert any("anna has locked it out" in broken.detail for broken in c.broken)


async def test_e_a_start_for_another_than_the_tester():
    async with court() as c:
        await c.b.order("test", "bollards", by="anna")
        order = await c.b.order("raise", "bollards", by="bruno")
        assert order.life is Life.REFUSED
        c.frame("io", {"do0": True})
        assert any("anna holds it in test" in broken.detail for broken in c.broken)


async def test_e_a_start_under_a_latched_emergency():
    async with court() as c:
        await c.b.ended(await c.b.order("lockdown", "bollards", by="anna"))
        order = await c.b.order("lower", "bollards", by="bruno")
        assert order.life is Life.REFUSED
        c.frame("io", {"do1": True})
        assert any("an emergency is latched" in broken.detail for broken in c.broken)


async def test_e_a_reset_by_the_role_that_fired(monkeypatch: pytest.MonkeyPatch):
    async with court() as c:
        await c.b.ended(await c.b.order("lockdown", "bollards", by="anna"))
        request = c.b.request("release", "bollards", by="bruno")
        c.b.trace.asked(request)
        monkeypatch.setattr(c.b.service, "outcome", lambda _: Life.CONFIRMED)
        c.b.trace.answered(request, await c.b.service.give(c.b.request("stop", "bollards")))
        assert any("(R06)" in broken.detail for broken in c.broken)


async def test_b_a_second_return_of_one_order():
    async with court() as c:
        await c.b.order("raise", "bollards")
        await c.b.sleep(4)
        c.b.occupy("loop-entry")
        await c.b.until("bollards", "lowering")
        assert c.broken == []
        c.frame("io", {"do1": True})
        assert c.letters == {"f"}


async def test_f_a_passage_secures_by_itself_and_no_second_time_opens():
    async with court() as c:
        await c.b.ended(await c.b.order("raise", "bollards"))
        await c.b.passage(Asked(id="way", target="bollards", principal="operator", by="anna"))
        await c.b.until("bollards", "lowered")
        await c.b.until("bollards", "raised")
        assert c.broken == []
        c.frame("io", {"do1": True})
        assert len(c.broken) == 1
