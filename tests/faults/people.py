"""What people do on a site: orders, buttons that are held, emergencies, lock-outs, tests, passages whose vehicles may come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from controller.core.command import Switch
from controller.core.mover import Mover
from controller.ledger import DifferentBody, Request
from controller.logbook import Asked
from controller.orders import LOCKDOWN, REARM, NoSuchTarget
from controller.passages import Misdirected
from controller.ports import JournalUnavailable
from tests.faults.bench import Bench
from tests.faults.service import Killed

REFUSED = (DifferentBody, Misdirected, NoSuchTarget, JournalUnavailable, Killed)
"""How an order may end without a command to show for it."""
OPERATORS = ("anna", "bruno", "carla")
SUPERVISOR = "dora"
RENEW_S = 0.4
RIGHT_S = 5.0
"""How long the orders live with which people put everything right at the end."""

Undo = Callable[[], None]


class People:
    """Everybody who wants something of the site. What they do they do in tasks of their own, which `callers` holds."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.callers: list[asyncio.Task[None]] = []
        self._given: dict[str, Request] = {}
        self._armed = 0
        self._coming: list[asyncio.TimerHandle] = []

    def _do(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self.callers.append(self.bench.loop.create_task(coroutine))

    def _says(self, action: str, target: str, by: str, options: dict[str, Any]) -> Request:
        role = "supervisor" if by == SUPERVISOR else "operator"
        return Request(**{"action": action, "target": target, "principal": role, "role": role, "by": by, **options})

    async def _give(self, request: Request) -> None:
        try:
            await self.bench.give(request)
        except REFUSED:
            return

    # Orders.

    def order(self, target: str, options: dict[str, Any]) -> None:
        """Give an order; perhaps one that was given before, and perhaps on the strength of what somebody saw."""
        if not self.bench.service.alive:
            return
        if (seen := options.pop("seen", None)) is not None and target in self.bench.service.supervisor.board:
            options["seen"] = self.bench.device(target).version - (seen == "stale")
        request = self._says(options.pop("action"), target, options.pop("by"), options)
        if (before := self._given.get(request.id)) is not None and self.bench.random.random() < 0.7:
            request = before
        self._given.setdefault(request.id, request)
        self._do(self._give(request))

    def hold(self, target: str, options: dict[str, Any]) -> None:
        """Order a motion that lasts only while its button is held, and hold it for `held_s`; then let go, or be cut off."""
        held_s, lets_go = options.pop("held_s"), options.pop("lets_go")
        self.order(target, {**options, "hold": True})
        self._do(self._keep_held(options["id"], held_s, lets_go))

    async def _keep_held(self, order: str, held_s: float, lets_go: bool) -> None:
        end = self.bench.now + held_s
        while self.bench.now < end:
            await asyncio.sleep(RENEW_S)
            self.bench.hold(order)
        if lets_go:
            self.bench.hold(order, let_go=True)

    def lockdown(self, target: str, options: dict[str, Any]) -> Undo:
        """Fire an emergency; somebody of the same role tries to reset it in vain, and at the end one of the other role does."""
        by, order = options["by"], options["id"]
        self.order(target, {**options, "action": LOCKDOWN})
        other = OPERATORS[0] if by == SUPERVISOR else SUPERVISOR
        same = SUPERVISOR if by == SUPERVISOR else OPERATORS[0]
        wrong = partial(self._switch, Switch.RELEASE, target, same, f"{order}-wrong")
        self.bench.loop.call_later(1.0, wrong)
        return partial(self._switch, Switch.RELEASE, target, other, f"{order}-reset")

    def lock_out(self, target: str, options: dict[str, Any]) -> Undo:
        """Lock a device out; at the end its owner lifts that, or two others do."""
        alone = options.pop("alone")
        by, order = options["by"], options["id"]
        self.order(target, {**options, "action": Switch.LOCK_OUT, "reason": "the hinge is being greased"})
        others = [name for name in OPERATORS if name != by]
        who = [by] if alone else others

        def lift() -> None:
            for number, name in enumerate(who):
                delay_s = 0.5 * number
                act = partial(self._switch, Switch.LIFT, target, name, f"{order}-lift-{number}")
                self.bench.loop.call_later(delay_s, act)

        return lift

    def test(self, target: str, options: dict[str, Any]) -> Undo:
        """Take a device for a test; at the end give it back."""
        by, order = options["by"], options["id"]
        self.order(target, {**options, "action": Switch.TEST})
        return partial(self._switch, Switch.END_TEST, target, by, f"{order}-end")

    def re_arm(self, target: str, options: dict[str, Any]) -> None:
        """Arm what has tripped."""
        self.order(target, {**options, "action": REARM})

    def _switch(self, action: Switch, target: str, by: str, order: str) -> None:
        self.order(target, {"action": action, "by": by, "id": order})

    # Passages.

    def passage(self, target: str, options: dict[str, Any]) -> Undo:
        """Ask for a passage; a vehicle comes over `loops`, each for its seconds from its time on, or none does."""
        asked = Asked(
            id=options["id"], target=target, principal="operator", by=options["by"], direction=options["direction"]
        )
        if self.bench.service.alive:
            self._do(self._pass(asked))
        for loop, after_s, stays_s in options["loops"]:
            self._coming.append(self.bench.loop.call_later(after_s, self.bench.occupy, loop))
            self.bench.loop.call_later(after_s + stays_s, self.bench.free, loop)
        return partial(self._end, asked.id)

    def nobody_comes(self) -> None:
        """Let no vehicle come any more."""
        for coming in self._coming:
            coming.cancel()

    def _end(self, passage: str) -> None:
        if self.bench.service.alive:
            self.bench.service.supervisor.passages.end(passage, "somebody ended it")

    async def _pass(self, asked: Asked) -> None:
        try:
            await self.bench.passage(asked)
        except (*REFUSED, asyncio.CancelledError):
            return

    # At the end.

    async def arm(self, devices: Sequence[str]) -> None:
        """Arm the units of `devices`."""
        for device in devices:
            self._armed += 1
            await self._give(self._right(REARM, device, SUPERVISOR, self._armed))

    async def put_right(self, movers: Sequence[str]) -> None:
        """Lift, end and reset whatever is shown to be held over `movers`."""
        acts = [(Switch.LIFT, by) for by in (*OPERATORS, SUPERVISOR, *OPERATORS)]
        acts += [(Switch.END_TEST, SUPERVISOR), (Switch.RELEASE, OPERATORS[0]), (Switch.RELEASE, SUPERVISOR)]
        for number, (action, by) in enumerate(acts):
            for mover in movers:
                if self._holds(action, mover):
                    await self._give(self._right(action, mover, by, number))

    def _holds(self, action: Switch, mover: str) -> bool:
        """Tell whether something is shown to be held over a mover that `action` would end."""
        shown = self.bench.device(mover)
        assert isinstance(shown, Mover), f"{mover} does not move"
        held = {Switch.LIFT: shown.holds.tags, Switch.END_TEST: shown.holds.test, Switch.RELEASE: shown.holds.efo}
        return bool(held[action])

    def _right(self, action: str, device: str, by: str, number: int) -> Request:
        return self._says(action, device, by, {"id": f"{action}-{number}-{device}", "expires_in_s": RIGHT_S})
