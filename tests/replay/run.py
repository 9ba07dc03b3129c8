"""One misfortune, run over a real wire behind a real endpoint, and what is found afterwards."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from controller.core.readings import Readings
from controller.endpoint import TURNS, Endpoint
from controller.peer import Plan
from controller.ports import Expired, Identity, Link, LinkError, Unit, Unreachable, Withdrawn
from controller.writes import Priority, Write
from tests.replay.dialects import Key
from tests.replay.misfortune import COUNT_FROM, Misfortune, Order
from tests.replay.peer import Peer
from tests.replay.sent import Sent

OVERALL_S = 30.0
POLLS = 3
"""What counts as being well again: so many polls since the peer came back and the last deadline passed."""
OVERDUE_S = 0.5
"""No loaded machine takes a step of the loop apart for so long."""
AFTER_S = 0.02
"""When everything has been given and has expired, a little later."""
TOLD_S = 2.0
"""How long after its deadline, and its unit's patience, an order may end: a loaded machine, and no more."""
Moment = tuple[float, float]
"""When the step of the loop began in which a frame was sent, and when it was sent."""
SLOW_TURNS = TURNS + 4
"""From the giving of an order to the call that hands it over there are two or three, beside those that the endpoint waits."""
LAST = COUNT_FROM


@dataclass(frozen=True, slots=True)
class Setting:
    """One transport: its unit, the two points that orders write, and the points that are polled."""

    name: str
    unit: Unit
    orders: tuple[str, str]
    polled: tuple[str, ...]
    link: Callable[[str], Link]
    welcome: str = "done"
    """How an order ends when all is well."""
    poll_s: float = 0.03


@dataclass(slots=True, eq=False)
class Given:
    """An order that was given, until when it might have been sent, and how and when it ended."""

    order: Order
    deadline: float
    keys: tuple[Key, ...]
    write: Write
    ended: float = 0.0

    @property
    def end(self) -> str:
        """The word in which it ended."""
        done = self.write.done
        if not done.done():
            return "never"
        if done.cancelled():
            return "abandoned"
        return "done" if done.exception() is None else type(done.exception()).__name__

    @property
    def detail(self) -> str:
        """What its error says."""
        done = self.write.done
        return str(done.exception() or "") if done.done() and not done.cancelled() else ""


@dataclass(slots=True)
class Found:
    """What one run has shown; `wrong` is empty where all is well."""

    wrong: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    frames: int = 0
    connections: int = 0


class Ears:
    """Hears the endpoint, and wakes who waits."""

    def __init__(self) -> None:
        self.polls = 0
        self.news = asyncio.Event()

    def heard(self, unit: str, readings: Readings) -> None:
        self.polls += 1
        self.news.set()

    def up(self, unit: str, identity: Identity) -> None:
        self.news.set()

    def expired(self, unit: str) -> None: ...

    def down(self, unit: str, error: LinkError) -> None:
        self.news.set()

    async def more(self, polls: int) -> None:
        """Wait until so many more polls have been heard."""
        wanted = self.polls + polls
        while self.polls < wanted:
            self.news.clear()
            await self.news.wait()


class Run:
    """One run: the peer, an endpoint with its link, and the orders given to it."""

    def __init__(self, setting: Setting, peer: Peer, fate: Misfortune, sent: Sent) -> None:
        self.setting, self.peer, self.fate, self.sent = setting, peer, fate, sent
        self.ears = Ears()
        self.given: list[Given] = []
        self.crashes: list[str] = []
        self._loop = asyncio.get_running_loop()
        self._restarting: asyncio.Task[None] | None = None

    async def __call__(self) -> Found:
        """Run it. What goes wrong is in the answer; only a defect of the test itself raises."""
        found = Found()
        await self.peer.start()
        self.sent.watch(self.peer.wire)
        self._start()
        try:
            async with asyncio.timeout(OVERALL_S):
                await self.ears.more(1)
                await self._befall()
                await self._recover(found)
        except TimeoutError:
            found.wrong.append(f"not well again within {OVERALL_S:.0f} s")
        finally:
            if self._restarting is not None:
                await asyncio.wait([self._restarting])
            await self._end()
            await self.peer.stop()
        found.wrong += [f"the endpoint has ended: {crash}" for crash in self.crashes]
        self._count(found)
        return found

    def _start(self) -> None:
        unit = self.setting.unit
        poll_s = 0.3 if self.fate.turn_s else self.setting.poll_s
        plan = Plan(unit=unit, points=tuple(unit.points[name] for name in self.setting.polled), poll_s=poll_s)
        link = self.setting.link(self.peer.url)
        self.endpoint = Endpoint("wire", link, [plan], self.ears, seed=self.fate.seed)
        self._serving = asyncio.create_task(self.endpoint.run())

    async def _end(self) -> None:
        self._serving.cancel()
        await asyncio.wait([self._serving])
        if not self._serving.cancelled():
            error = self._serving.exception()
            self.crashes.append("".join(traceback.format_exception(error)) if error else "without an error")

    async def _befall(self) -> None:
        """Let everything happen at its time; return when the peer is back and the last deadline has passed."""
        fate, last = self.fate, asyncio.Event()
        self.peer.arm()
        for order in fate.orders:
            self._loop.call_later(order.at_s, self._give, order)
        if fate.stalled_s is not None:
            at, how_long = fate.stalled_s
            self._loop.call_later(at, time.sleep, how_long)
        if fate.stopped_s is not None:
            self._loop.call_later(fate.stopped_s, self._restart)
        over = max(order.at_s + order.lifetime_s for order in fate.orders)
        self._loop.call_later(max(over, fate.stopped_s or 0.0) + AFTER_S, last.set)
        await last.wait()
        await self.peer.revived.wait()

    def _drag(self, turns: int) -> None:
        """Let so many turns of the loop last."""
        time.sleep(self.fate.turn_s)
        if turns > 1:
            self._loop.call_soon(self._drag, turns - 1)

    async def _recover(self, found: Found) -> None:
        await self.ears.more(POLLS)
        for given in self.given:
            # Writes go before polls, so every one must have ended by now.
            if not given.write.done.done():
                found.wrong.append(f"order {given.order.value} has not ended")
            elif (late_s := given.ended - given.deadline) > float(self.setting.unit.options["patience_s"]) + TOLD_S:
                found.wrong.append(f"order {given.order.value} ended {late_s:.3f} s after its deadline")
        # It may meet a late loss; then the unit comes up again.
        for number in range(10):
            last = self._give(Order(LAST - number, 0.0, 5.0, 1, False, None, None))
            await asyncio.wait([last.write.done])
            if last.end == self.setting.welcome:
                return
            await self.ears.more(POLLS)
        found.wrong.append(f"no order is carried out any more: {last.end}: {last.detail}")

    def _give(self, order: Order) -> Given:
        names = self.setting.orders[: order.points]
        values = [(self.setting.unit.points[name], order.value) for name in names]
        deadline = self._loop.time() + order.lifetime_s
        priority = Priority.EMERGENCY if order.urgent else Priority.COMMAND
        write = self.endpoint.write(self.setting.unit.name, values, deadline, priority)
        given = Given(order, deadline, tuple((name, order.value) for name in names), write)
        write.done.add_done_callback(lambda done: self._ended(given))
        if order.withdrawn_s is not None:
            self._loop.call_later(order.withdrawn_s, write.withdraw)
        if order.abandoned_s is not None:
            self._loop.call_later(order.abandoned_s, write.done.cancel)
        self.given.append(given)
        if self.fate.turn_s:
            self._loop.call_soon(self._drag, SLOW_TURNS)
        return given

    def _ended(self, given: Given) -> None:
        given.ended = self._loop.time()
        if not given.write.done.cancelled():
            given.write.done.exception()

    def _restart(self) -> None:
        async def restarting() -> None:
            await self._end()
            self._start()

        self._restarting = asyncio.create_task(restarting())

    def _count(self, found: Found) -> None:
        """Compare what was sent, what arrived, and what was said."""
        sent: dict[Key, list[Moment]] = {}
        for pieces in self.sent.connections(self.peer.wire):
            found.connections += 1
            buffer = bytearray()
            for began, at, data in pieces:
                buffer += data
                for message in self.peer.dialect.split(buffer):
                    for key in self.peer.dialect.orders(message):
                        sent.setdefault(key, []).append((began, at))
        for key in sent.keys() - {key for given in self.given for key in given.keys}:
            found.wrong.append(f"{key} was sent, and is no order of this run")
        for given in self.given:
            found.ends.append(given.end)
            for key in given.keys:
                found.frames += len(sent.get(key, ()))
                found.wrong += [f"{wrong}; {self._told(given)}" for wrong in self._judge(given, key, sent)]

    def _judge(self, given: Given, key: Key, sent: Mapping[Key, list[Moment]]) -> list[str]:
        wrong, times = [], sent.get(key, [])
        arrivals = [at for arrived, at in self.peer.arrived if arrived == key]
        wrong += [
            f"{key} was sent {at - given.deadline:.3f} s after its deadline"
            for began, at in times
            if began >= given.deadline or at > given.deadline + OVERDUE_S
        ]
        if max(len(times), len(arrivals)) > 1:
            wrong.append(f"{key} was sent {len(times)} times and reached the peer {len(arrivals)} times")
        if len(arrivals) > len(times):
            wrong.append(f"{key} reached the peer and was not seen to be sent: the count itself is wrong")
        nothing = (Expired.__name__, Unreachable.__name__, Withdrawn.__name__)
        if given.end in nothing and times and (len(given.keys) == 1 or "acknowledged before" not in given.detail):
            wrong.append(f"{key} was sent, and ended as if it had not been")
        if given.end == "done" and not any(at <= given.ended for at in arrivals):
            wrong.append(f"{key} is said to be done, and had not reached the peer")
        return wrong

    def _told(self, given: Given) -> str:
        return f"ended as {given.end} {given.ended - given.deadline:+.3f} s from its deadline ({given.detail})"
