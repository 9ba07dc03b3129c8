"""A vehicle goes through the airlocks that have a site: the service in virtual time, the field as its simulation.yaml builds it.

Every airlock checks at its end that no steel struck a vehicle and that its rows were never open at the same time (PAS 69).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from controller.core.command import Life
from controller.core.device import Device
from controller.logbook import Account, Asked
from simulators.world import Vehicle
from tests.faults.bench import Bench, bench

pytestmark = pytest.mark.simulated

SITES = {"nice-promenade": "gambetta-", "airlock": ""}
THROUGH = ("lowering", "lowered", "raising", "raised")
BEFORE_M = 6.0
"""How far from a row a vehicle starts that is sent: before the row's outermost loop, which reaches less than 5 m."""


@dataclass
class Airlock:
    """The rows of a site's airlock; `moves` is every state that they came to, in the order of time."""

    bench: Bench
    outer: str
    inner: str
    moves: list[tuple[str, str]] = field(default_factory=list)

    @property
    def rows(self) -> tuple[str, str]:
        return self.outer, self.inner

    def between(self) -> tuple[float, float]:
        """Return where the sterile area begins and ends."""
        return self.bench.world.rows[self.outer].at_m, self.bench.world.rows[self.inner].at_m

    def encloses(self, vehicle: Vehicle) -> bool:
        start, end = self.between()
        return start < vehicle.rear_m and vehicle.front_m < end

    def states(self) -> tuple[str, str]:
        return self.bench.device(self.outer).state, self.bench.device(self.inner).state

    def drive(self, direction: str, length_m: float = 4.5) -> Vehicle:
        """Send a vehicle from before the loops; out of the site it goes backwards, as the lane has one direction."""
        lane = self.bench.world.rows[self.outer].lane
        vehicle = self.bench.built.field.traffic.send(lane, length_m=length_m, name="van")
        vehicle.front_m = self.between()[0] - BEFORE_M
        if direction == "out":
            vehicle.front_m, vehicle.reversing = self.between()[1] + BEFORE_M + length_m, True
        self.bench.field.settle()
        return vehicle

    def park(self, front_m: float) -> Vehicle:
        """Put a vehicle of 4.5 m where it stays."""
        return self.bench.vehicle(self.bench.world.rows[self.outer].lane, front_m, name="van")

    async def ask(self, direction: str, target: str = "", passage: str = "p") -> Account:
        asked = Asked(id=passage, target=target or self.outer, principal="operator", by="anna", direction=direction)
        return await self.bench.passage(asked)

    async def opened(self, row: str) -> None:
        await self.bench.until(row, "lowered", within_s=20)

    async def ended(self, account: Account, within_s: float = 120) -> None:
        await self.bench.met(lambda: account.ended, within_s, "the passage never ended")

    async def empty(self) -> None:
        await self.bench.met(lambda: not self.bench.world.vehicles, 60, "the vehicle never left")

    def _shown(self, before: Device, after: Device) -> None:
        if after.spec.id in self.rows and after.state != before.state:
            self.moves.append((after.spec.id, after.state))


@asynccontextmanager
async def airlock(site: str = "nice-promenade") -> AsyncIterator[Airlock]:
    """Run a site with an airlock whose rows are raised."""
    async with bench(site) as b:
        found = Airlock(b, f"{SITES[site]}outer", f"{SITES[site]}inner")
        assert found.states() == ("raised", "raised")
        b.service.supervisor.board.watch(found._shown)
        yield found
        assert b.world.violations == []


@pytest.mark.parametrize("length_m", [4.5, 8.0])
@pytest.mark.parametrize("direction", ["in", "out"])
@pytest.mark.parametrize("site", SITES)
async def test_r12_pas_69_a_vehicle_is_enclosed_and_let_out_at_the_other_end(
    site: str, direction: str, length_m: float
) -> None:
    async with airlock(site) as lock:
        first, second = lock.rows if direction == "in" else lock.rows[::-1]
        account = await lock.ask(direction)
        await lock.opened(first)
        van = lock.drive(direction, length_m)
        await lock.bench.met(lambda: bool(lock.moves) and lock.moves[-1][0] == second, 60, "the second row never moved")
        assert lock.encloses(van)
        assert lock.bench.world.secured(first)
        await lock.ended(account)
        await lock.empty()
        assert (account.stage, lock.states()) == ("done", ("raised", "raised"))
        assert lock.moves == [(row, state) for row in (first, second) for state in THROUGH]


async def test_a_vehicle_that_stays_between_the_rows_off_every_loop_is_enclosed_until_somebody_lets_it_out() -> None:
    async with airlock() as lock:
        account = await lock.ask("in")
        await lock.opened(lock.outer)
        van = lock.park(52.0)
        await lock.bench.sleep(5)
        van.front_m = 60.0
        lock.bench.field.settle()
        await lock.ended(account)
        assert lock.moves == [(row, state) for row in lock.rows for state in THROUGH]
        assert (account.stage, account.history[-3]["because"]) == ("done", "no vehicle within 30 s")
        assert lock.encloses(van)
        let_out = await lock.ask("", lock.inner, "q")
        await lock.opened(lock.inner)
        van.parked, van.cruise_mps = False, 3.0
        lock.bench.field.settle()
        await lock.ended(let_out)
        await lock.empty()
        assert (let_out.stage, lock.states()) == ("done", ("raised", "raised"))


@pytest.mark.parametrize(("front_m", "stands"), [(52.0, ("lowered", "raised")), (64.0, ("raised", "lowered"))])
async def test_r09_a_vehicle_that_stays_on_a_loop_of_one_row_keeps_that_row_open_and_the_other_secured(
    front_m: float, stands: tuple[str, str]
) -> None:
    async with airlock() as lock:
        account = await lock.ask("in")
        await lock.opened(lock.outer)
        van = lock.park(52.0)
        await lock.bench.sleep(5)
        van.front_m = front_m
        lock.bench.field.settle()
        await lock.bench.sleep(200)
        assert (account.stage, lock.states()) == ("occupied", stands)
        lock.bench.gone("van")
        await lock.ended(account)
        assert (account.stage, lock.states()) == ("done", ("raised", "raised"))


async def test_r12_a_vehicle_that_backs_out_again_leaves_both_rows_secured_after_the_inner_one_opened_to_nobody() -> (
    None
):
    """The loops of a row tell that a vehicle was there, not to which side it left."""
    async with airlock() as lock:
        account = await lock.ask("in")
        await lock.opened(lock.outer)
        van = lock.park(52.0)
        await lock.bench.sleep(5)
        van.parked, van.reversing = False, True
        await lock.ended(account)
        await lock.empty()
        assert (account.stage, lock.states()) == ("done", ("raised", "raised"))
        assert lock.moves == [(row, state) for row in lock.rows for state in THROUGH]


async def test_r09_a_vehicle_that_comes_back_over_the_loop_before_the_steel_moves_keeps_the_first_row_open() -> None:
    async with airlock() as lock:
        account = await lock.ask("in")
        await lock.opened(lock.outer)
        van = lock.park(52.0)
        await lock.bench.sleep(5)
        van.front_m = 60.0
        lock.bench.field.settle()
        await lock.bench.met(lambda: account.stages[lock.outer][0] == "securing", 10, "it was never to be secured")
        van.front_m = 52.0
        lock.bench.field.settle()
        await lock.bench.sleep(60)
        assert (account.stage, lock.states()) == ("occupied", ("lowered", "raised"))
        assert lock.moves == [(lock.outer, "lowering"), (lock.outer, "lowered")]


async def test_a_lockdown_while_a_vehicle_is_enclosed_secures_the_row_that_was_opening() -> None:
    async with airlock() as lock:
        account = await lock.ask("in")
        await lock.opened(lock.outer)
        van = lock.park(52.0)
        await lock.bench.sleep(5)
        van.front_m = 60.0
        lock.bench.field.settle()
        await lock.bench.until(lock.inner, "lowering", within_s=60)
        await lock.bench.sleep(1)
        ordered = await lock.bench.order("lockdown", "gambetta")
        assert (account.stage, account.ended) == ("cancelled", True)
        await lock.bench.ended(ordered)
        assert (ordered.life, lock.states()) == (Life.CONFIRMED, ("raised", "raised"))
        assert lock.encloses(van)
        assert all(lock.bench.world.secured(row) for row in lock.rows)


@pytest.mark.parametrize(("front_m", "stands"), [(52.0, ("lowered", "raised")), (64.0, ("raised", "lowered"))])
async def test_r09_a_lockdown_leaves_open_the_row_that_a_vehicle_stands_at_until_it_is_ordered_again(
    front_m: float, stands: tuple[str, str]
) -> None:
    async with airlock() as lock:
        account = await lock.ask("in")
        await lock.opened(lock.outer)
        van = lock.park(52.0)
        await lock.bench.sleep(5)
        van.front_m = front_m
        lock.bench.field.settle()
        await lock.bench.sleep(20)
        ordered = await lock.bench.order("lockdown", "gambetta")
        await lock.bench.ended(ordered)
        assert (account.stage, ordered.life, lock.states()) == ("cancelled", Life.FAILED, stands)
        assert "R09" in ordered.because
        lock.bench.gone("van")
        await lock.bench.sleep(60)
        assert lock.states() == stands
        again = await lock.bench.order("lockdown", "gambetta")
        await lock.bench.ended(again)
        assert (again.life, lock.states()) == (Life.CONFIRMED, ("raised", "raised"))
