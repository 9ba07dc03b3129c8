"""Where passages come in and go on: each is made durable, stepped by what the board and its own orders show, and ends recorded.

A passage has no task of its own. It is woken when a device changes, when an order comes further (its own, or that of somebody who
takes over), and at the time that the core has named. It orders through `Orders.give` like everybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog

from controller.board import Board
from controller.core import passage as core
from controller.core.command import Life, Refusal, Rule
from controller.core.device import Alarm, Device, Progress
from controller.core.mover import Mover
from controller.core.passage import Ended, Form, Give, Leg, Looked, Passage, TookOver
from controller.core.passing import refusals, step
from controller.core.said import said, together, word
from controller.core.spec import Route
from controller.ledger import Command, DifferentBody, Request
from controller.logbook import Account, Asked, Logbook
from controller.orders import NoSuchTarget
from controller.ports import JournalUnavailable, RempartError

MOST = 16
"""How many passages may be under way: more than any site has points."""

ORDER_S = 15.0
"""How long an order of a passage lives: the warning before an automatic motion after power return alone takes 5 s (R13)."""

log = structlog.get_logger("rempart.passages")


class Misdirected(RempartError):
    """A direction was asked for where there is none."""


@dataclass(slots=True)
class _Run:
    account: Account
    passage: Passage
    decided: asyncio.Future[None]
    timer: asyncio.TimerHandle | None = None


class Reports(Protocol):
    """Who hears what a passage has to do with the site's alarms. Must not block."""

    def alarmed(self, device: str) -> None:
        """The alarms of this mover may have changed."""

    def failed(self, what: str, error: Exception) -> None:
        """The logic of `what` has failed."""


class Passages:
    """The one way in for passages. `give` is `Orders.give`."""

    def __init__(
        self,
        board: Board,
        logbook: Logbook,
        routes: Mapping[str, Route],
        give: Callable[[Request], Awaitable[Command]],
        reports: Reports,
    ) -> None:
        self.logbook = logbook
        self._board, self._routes, self._give = board, routes, give
        self._reports = reports
        self._asking: dict[str, asyncio.Task[Account]] = {}
        self._runs: dict[str, _Run] = {}
        self._giving: set[asyncio.Task[None]] = set()
        self._look_due = False
        self._closed = ""
        board.watch(self._changed)

    async def ask(self, asked: Asked) -> Account:
        """Return the passage once it is known whether it opens; the same id again returns what is recorded and orders nothing.

        A caller that goes away does not stop it. Raises NoSuchTarget, Misdirected, DifferentBody, JournalUnavailable.
        """
        asking = self._asking.get(asked.id)
        if asking is None:
            asking = asyncio.create_task(self._first(asked), name=f"passage {asked.id}")
            self._asking[asked.id] = asking
            asking.add_done_callback(lambda _: self._asking.pop(asked.id, None))
        account = await asyncio.shield(asking)
        if differences := asked.differences(account.asked):
            raise DifferentBody(f"passage {asked.id} was asked for before, with another body: {differences}")
        return account

    def end(self, passage: str, why: str) -> None:
        """End a passage: nothing more is ordered for it, but a route that is held open is secured. Nothing where it has ended."""
        if (run := self._runs.get(passage)) is not None:
            self.logbook.reached(run.account, "", run.passage.stage, why)
            self._take(passage, Ended(why))

    def commanded(self, command: Command) -> None:
        """Hear how any order fares: one of its own, or one of somebody who takes over."""
        request = command.request
        if request.passage:
            self._take(request.passage, Progress(request.id, command.life, command.because, command.refusals))
        elif command.life is Life.ACCEPTED:
            for passage, run in list(self._runs.items()):
                if request.target in run.account.stages:
                    self._take(passage, TookOver(request.target, request.id))

    def alarms(self, mover: str) -> tuple[Alarm, ...]:
        """Return what a person must know of `mover` because of the passage that it is in."""
        return tuple(alarm for run in self._runs.values() for alarm in core.alarms(run.passage, mover))

    def close(self, why: str) -> None:
        """End every passage as unknown, and refuse every further one: nothing is resumed after a restart."""
        self._closed = why
        for run in list(self._runs.values()):
            self._drop(run)
            self.logbook.end(run.account, "unknown", why)

    async def _first(self, asked: Asked) -> Account:
        known = await self.logbook.find(asked.id)
        if known is not None:
            return known
        form, movers, hold_s = self._plan(asked)
        try:
            account = await self.logbook.receive(asked, form, movers, hold_s)
        except JournalUnavailable as error:
            why = said("the journal cannot be written, and nothing moves unrecorded: {why}", why=error.told)
            return _unrecorded(asked, form, why)
        loop = asyncio.get_running_loop()
        hold_until = None if hold_s is None else loop.time() + hold_s
        legs = tuple(Leg(mover=mover, since=loop.time()) for mover in movers)
        passage = Passage(id=asked.id, form=form, legs=legs, hold_until=hold_until)
        if forbidding := self._forbidding(asked, passage):
            self.logbook.end(account, "refused", together([r.because for r in forbidding]), forbidding)
            return account
        run = self._runs[asked.id] = _Run(account, passage, loop.create_future())
        self._take(asked.id, Looked())
        await run.decided
        return account

    def _plan(self, asked: Asked) -> tuple[Form, tuple[str, ...], float | None]:
        """Return the form of what is asked for, its movers in their sequence, and how long they are held open."""
        target, direction = asked.target, asked.direction
        if (route := self._routes.get(target)) is not None:
            if direction:
                raise Misdirected(f"{target} is a route, which has no direction")
            return Form.ROUTE, route.points, route.hold_s
        device = self._board.get(target)
        if device is None:
            raise NoSuchTarget(f"there is no device or route {target!r}")
        if not direction:
            return Form.SINGLE, (target,), None
        other = device.spec.airlock_with if isinstance(device, Mover) else ""
        if not other:
            raise Misdirected(f"{target} is no row of an airlock, so it has no direction")
        return Form.AIRLOCK, (target, other) if direction == "in" else (other, target), None

    def _forbidding(self, asked: Asked, passage: Passage) -> tuple[Refusal, ...]:
        target = asked.target
        if self._closed:
            return (Refusal(Rule.STOPPING, target, self._closed),)
        fixed = [d for leg in passage.legs if not isinstance(d := self._board[leg.mover], Mover)]
        if fixed:
            return tuple(
                Refusal(Rule.KIND, d.spec.id, said("a {kind} cannot be passed", kind=word(d.spec.kind))) for d in fixed
            )
        if len(self._runs) >= MOST:
            many = said("{count} passages are under way, as many as there may be", count=MOST)
            return (Refusal(Rule.PASSAGE, target, many),)
        busy = [
            Refusal(Rule.PASSAGE, leg.mover, _busy_in(other.account))
            for leg in passage.legs
            for other in self._runs.values()
            if leg.mover in other.account.stages
        ]
        return (*busy, *refusals(passage, self._board, asyncio.get_running_loop().time()))

    # What happens to those under way.

    def _changed(self, before: Device, after: Device) -> None:
        """Look soon: what an order has to do with the change is told right after the change."""
        if self._runs and not self._look_due:
            self._look_due = True
            asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        self._look_due = False
        for passage in list(self._runs):
            self._take(passage, Looked())

    def _take(self, passage: str, event: core.Event) -> None:
        run = self._runs.get(passage)
        if run is None:
            return
        try:
            self._stepped(run, event)
        except Exception as error:
            # The root of what drives a passage: one that fails must not take the others with it, nor go on.
            log.exception("the logic of a passage failed", passage=passage)
            self._drop(run)
            self.logbook.end(run.account, "failed", said("its logic failed: {error}", error=repr(error)))
            self._reports.failed(said("passage {passage}", passage=passage), error)

    def _stepped(self, run: _Run, event: core.Event) -> None:
        loop = asyncio.get_running_loop()
        before = run.passage
        after = step(before, event, self._board, loop.time())
        run.passage = after.passage
        self._wake(run, after.wake_at)
        for effect in after.effects:
            if isinstance(effect, Give):
                task = loop.create_task(self._order(run.account.asked, effect), name=f"order {effect.order}")
                self._giving.add(task)
                task.add_done_callback(self._giving.discard)
            else:
                self.logbook.reached(run.account, effect.mover, effect.state, effect.why)
        if run.passage.ended:
            self._drop(run)
            refused = tuple(refusal for leg in run.passage.legs for refusal in leg.refusals)
            self.logbook.end(run.account, run.passage.stage, run.passage.why, refused)
        elif after.effects or run.passage.release is not before.release:
            self.logbook.stands(run.account, run.passage.stage, run.passage.why)
        if run.passage.decided and not run.decided.done():
            run.decided.set_result(None)
        if after.effects:
            self._announce(run)

    def _wake(self, run: _Run, at: float | None) -> None:
        if run.timer is not None:
            run.timer.cancel()
        loop = asyncio.get_running_loop()
        run.timer = None if at is None else loop.call_at(at, self._take, run.account.asked.id, Looked())

    def _drop(self, run: _Run) -> None:
        self._wake(run, None)
        self._runs.pop(run.account.asked.id, None)
        if not run.decided.done():
            run.decided.set_result(None)
        self._announce(run)

    def _announce(self, run: _Run) -> None:
        for mover in run.account.stages:
            self._reports.alarmed(mover)

    async def _order(self, asked: Asked, give: Give) -> None:
        request = Request(
            id=give.order,
            target=give.mover,
            action=str(give.action),
            principal=asked.principal,
            role=asked.role,
            person=asked.person,
            by=asked.by,
            reason=asked.reason,
            expires_in_s=ORDER_S,
            automatic=give.automatic,
            passage=asked.id,
        )
        try:
            command = await self._give(request)
        except RempartError as error:
            self._take(asked.id, Progress(give.order, Life.REFUSED, error.told))
        else:
            # An order that the journal could not record is told to nobody else.
            self._take(asked.id, Progress(give.order, command.life, command.because, command.refusals))


def _busy_in(other: Account) -> str:
    return said("it is in passage {passage} ({stage})", passage=other.asked.id, stage=word(other.stage))


def _unrecorded(asked: Asked, form: Form, why: str) -> Account:
    account = Account(asked, form, at="", stages={}, stage="refused", because=why, ended=True)
    account.refusals = (Refusal(Rule.JOURNAL, asked.target, why),)
    return account
