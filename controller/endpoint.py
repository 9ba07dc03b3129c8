"""One task per wire: who speaks next, until when, and when a silent unit is tried again.

Emergency writes go before the releases of steel that has arrived, those before commands, commands before polls, and none of the
first behind more than the one frame in flight. A write for a unit that is not open fails at once: nothing is queued for a link
that is down. Each unit has its own state (closed or open), its own patience and its own back-off with jitter, so a dead one costs
its neighbours one patience at growing intervals; what is due with those that answer goes before a try of one that does not, so
that it is one patience between two of their reads (R38).
Reconnection is decided here and nowhere else. The first failure is logged, the rest are counted, the recovery tells the count.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import structlog

from controller.core.readings import Quality, Reading, Readings, Value
from controller.core.said import said
from controller.looks import Looks
from controller.overtaking import Overtaking
from controller.peer import TRIPPED, Peer, Plan, in_step, whose_turn
from controller.ports import Expired, Garbled, Link, LinkError, Listener, Mute, Point, Refusing, Unreachable, Withdrawn
from controller.writes import Priority, Queue, Write, taken_back, too_late

log = structlog.get_logger("rempart.endpoint")

TURNS = 3
"""In how many turns of the loop a reading reaches its device, those that heed it, and what they take back from this wire."""

END_S, CLOSE_S = 0.2, 0.7
"""How long subscriptions may take to end, and a link to close: a stop does not wait for a wire that hangs."""


class Endpoint:
    """The owner of one link. `run` it in a task; everything else may be called from the same loop at any time."""

    def __init__(self, name: str, link: Link, plans: Sequence[Plan], listener: Listener, *, seed: int = 0) -> None:
        self.name = name
        self.polls = 0
        self.errors: dict[str, int] = {}
        self.progress_at = 0.0
        self._link = link
        self._listener = listener
        self._peers = {p.unit.name: Peer(p, phase=random.Random(f"{name}/{p.unit.name}").random()) for p in plans}
        self._queue = Queue()
        self._bell: asyncio.Future[None] | None = None
        self._overtaking = Overtaking(self._perform, self._stopped)
        self._looks = Looks(name, link, self._overtaking, self._lose)
        self._random = random.Random(f"{name}/{seed}")
        self._stopping = False

    def is_open(self, unit: str) -> bool:
        """Tell whether `unit` is open: identified, and not lost since."""
        return self._peers[unit].open

    async def look(self, unit: str, point: Point) -> Readings:
        """Read one point now, between two polls, for a person who wants to see it.

        Raises Unreachable, Mute, Refusing (also where too many wait), Garbled; Expired where its turn did not come.
        """
        peer = self._peers[unit]
        if self._stopping or not peer.open:
            raise Unreachable(self.name, unit, said("the unit is not connected"))
        look = self._looks.ask(peer, point)
        self._ring()
        return await look.found

    def rearm(self, unit: str) -> bool:
        """Let a unit whose watchdog has expired be armed and opened again; False where it has not (R26)."""
        peer = self._peers[unit]
        if not peer.tripped:
            return False
        peer.tripped, peer.supervised, peer.due = False, False, asyncio.get_running_loop().time()
        self._ring()
        return True

    def busy_since(self, now: float) -> float:
        """Return for how many seconds it has been at one piece of work; 0 while it waits for the next, and once it has ended."""
        idle = self._bell is not None or self._stopping or not self.progress_at
        return 0.0 if idle else now - self.progress_at

    def write(
        self,
        unit: str,
        values: Sequence[tuple[Point, Value]],
        deadline: float,
        priority: Priority = Priority.COMMAND,
    ) -> Write:
        """Queue a write; its `done` tells the outcome. A unit that is not open is Unreachable at once."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        write = Write(unit, values, deadline, done)
        if self._stopping or not self._peers[unit].open:
            done.set_exception(Unreachable(self.name, unit, said("the unit is not connected: nothing was sent")))
            return write
        if not self._queue and self._overtaking.may(self._peers[unit].plan.in_flight):
            self._overtaking.start(write, priority)
        else:
            self._queue.append(write, priority)
            self._ring()
        return write

    async def run(self) -> None:
        """Serve the wire until cancelled; the link is closed and every open write is ended on the way out."""
        loop = asyncio.get_running_loop()
        for peer in self._peers.values():
            peer.due = loop.time()
        try:
            while True:
                self.progress_at = loop.time()
                self._overtaking.check()
                if write := self._queue.next():
                    await self._perform(write)
                elif look := self._looks.next(idle=(due := whose_turn(self._peers.values(), loop.time())) is None):
                    await self._looks.serve(look)
                elif due is not None:
                    await self._attend(due)
                else:
                    await self._idle(min(peer.next_due for peer in self._peers.values()))
        finally:
            await self._stop()

    def _turn_s(self, peer: Peer) -> float:
        """Return how long the wire may be `peer`'s: one patience where others are kept waiting, two for more than one answer."""
        shared = len(self._peers) > 1 and any(other.open for other in self._peers.values() if other is not peer)
        return peer.patience_s if shared else 2 * peer.patience_s

    async def _perform(self, write: Write) -> None:
        """Send a write, unless what has just been heard has made its device take it back."""
        try:
            for _ in range(TURNS):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            # It is in no queue any more.
            write.end(self._stopped(write))
            raise
        loop = asyncio.get_running_loop()
        peer = self._peers[write.unit]
        if write.unwanted:
            write.end(taken_back(write))
            return
        if not peer.open:
            lost = said("the unit was lost before its turn: nothing was sent")
            write.end(Unreachable(self.name, write.unit, lost))
            return
        try:
            if loop.time() >= write.deadline:
                raise too_late(self.name, write)
            await self._link.write(peer.plan.unit, write.values, write.deadline, lambda: not write.unwanted)
        except (Expired, Withdrawn, LinkError) as error:
            write.end(error)
            if isinstance(error, LinkError) and not isinstance(error, Refusing) and peer.open:
                self._lose(peer, error)
        except BaseException:
            write.end(Mute(self.name, write.unit, said("interrupted: the outcome is not known")))
            raise
        else:
            write.end()

    async def _attend(self, peer: Peer) -> None:
        """Do what is due with a unit: open it, feed its watchdog, or read it."""
        now, was_open = asyncio.get_running_loop().time(), peer.open
        try:
            if not peer.open:
                await self._open(peer)
            elif peer.feed_due <= now and not peer.unseen(now):
                await self._feed(peer, now)
            elif peer.plan.polls:
                # Early where it has to be fed: then it is read first, and fed in the next turn.
                peer.due = min(peer.due, now)
                await self._poll(peer, now)
            else:
                peer.due = float("inf")
        except Refusing as error:
            self._count(error)
            if peer.open:
                peer.postponed(now)
                self._listener.heard(
                    peer.plan.unit.name, {p.name: Reading(None, Quality.BAD, now) for p in peer.plan.points}
                )
            else:
                self._lose(peer, error)
        except Expired as error:
            # Its turn came too late, which says nothing about the unit: a read is due again, an opening begins anew.
            self._count(error)
            peer.postponed(now)
        except LinkError as error:
            if peer.open or not was_open:
                self._lose(peer, error)

    async def _open(self, peer: Peer) -> None:
        loop = asyncio.get_running_loop()
        unit, watchdog = peer.plan.unit, peer.plan.watchdog
        identity = await self._link.open(unit, loop.time() + self._turn_s(peer))
        if peer.tripped:
            raise Refusing(self.name, unit.name, TRIPPED)
        # Arming hides it; that its outputs were off in the meantime is told while it can be seen.
        if (proof := peer.proof) and peer.expired(await self._link.read(unit, proof, loop.time() + peer.patience_s)):
            self._listener.expired(unit.name)
        for step in watchdog.arm if watchdog is not None else ():
            # One request each: written as one block they would lose their order.
            await self._link.write(unit, [step], loop.time() + peer.patience_s)
        if peer.failures:
            log.info("unit is back", link=self.name, unit=unit.name, failures=peer.failures)
        peer.opened(loop.time())
        if peer.plan.pushes:
            peer.pushing = asyncio.create_task(self._hear(peer), name=f"{self.name}/{unit.name}: pushed readings")
        self._listener.up(unit.name, identity)

    async def _feed(self, peer: Peer, now: float) -> None:
        if (food := peer.food(now)) is not None:
            await self._link.write(peer.plan.unit, [food], now + peer.patience_s)

    async def _poll(self, peer: Peer, now: float) -> None:
        peer.polled(now)
        self._overtaking.reading()
        try:
            readings = await self._link.read(peer.plan.unit, peer.plan.points, now + self._turn_s(peer))
        finally:
            self._overtaking.read()
        self.polls += 1
        peer.looked(readings, now)
        self._hear_now(peer, readings)

    def _hear_now(self, peer: Peer, readings: Readings) -> None:
        if not peer.open:
            # It was lost while they were on their way: only what is read after it has proven itself anew counts.
            return
        if peer.expired(readings):
            # While it was fed: something between us and its outputs has stalled, and a person has to know before it moves again.
            peer.tripped = True
            self._lose(peer, Refusing(self.name, peer.plan.unit.name, TRIPPED))
            return
        self._listener.heard(peer.plan.unit.name, peer.weighed(readings, asyncio.get_running_loop().time()))

    async def _hear(self, peer: Peer) -> None:
        """Take in what a pushing unit says until it is lost."""
        plan = peer.plan
        try:
            await self._link.subscribe(plan.unit, plan.points, lambda readings: self._hear_now(peer, readings))
            why: LinkError = Unreachable(self.name, plan.unit.name, said("its subscription has ended"))
        except LinkError as error:
            why = error
        except Exception as error:
            # The task's root: what no driver foresaw is a garbled wire, never silence.
            log.exception("unforeseen error in a subscription", link=self.name, unit=plan.unit.name)
            why = Garbled(self.name, plan.unit.name, repr(error))
        if peer.pushing is asyncio.current_task():
            peer.pushing = None
            self._lose(peer, why)

    def _lose(self, peer: Peer, error: LinkError) -> None:
        unit = peer.plan.unit.name
        self._count(error)
        if peer.pushing is not None:
            peer.pushing.cancel()
        peer.pushing = None
        if peer.failures == 0:
            log.warning("unit lost", link=self.name, unit=unit, error=type(error).__name__, detail=error.detail)
        peer.closed(asyncio.get_running_loop().time(), self._random.uniform(0.5, 1.0))
        if not peer.announced_down:
            peer.announced_down = True
            self._listener.down(unit, error)
        self._ring()

    def _count(self, error: LinkError | Expired) -> None:
        kind = type(error).__name__.lower()
        self.errors[kind] = self.errors.get(kind, 0) + 1

    def _ring(self) -> None:
        if self._bell is not None and not self._bell.done():
            self._bell.set_result(None)

    async def _idle(self, until: float) -> None:
        loop = asyncio.get_running_loop()
        self._bell = loop.create_future()
        timer = loop.call_at(in_step(until), self._ring) if until < float("inf") else None
        try:
            await self._bell
        finally:
            if timer is not None:
                timer.cancel()
            self._bell = None

    def _stopped(self, write: Write) -> Unreachable:
        return Unreachable(self.name, write.unit, said("the controller is stopping: nothing was sent"))

    async def _stop(self) -> None:
        self._stopping = True
        while write := self._queue.next():
            write.end(self._stopped(write))
        self._looks.close()
        pushing = [
            *self._overtaking.tasks,
            *(peer.pushing for peer in self._peers.values() if peer.pushing is not None),
        ]
        for task in pushing:
            task.cancel()
        if pushing:
            await asyncio.wait(pushing, timeout=END_S)
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._link.close()
        except TimeoutError:
            log.warning("the wire did not close in time", link=self.name)
