"""Where orders come in: each is made durable, handed to its device's runner, and answered with the runner's decision.

An order for a zone is divided into one order for each mover of it, which live and end on their own; the zone's own order ends
when all of them have, confirmed only if every one was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from controller.core.command import Authority, Life, Order, Output, Refusal, Rule, Switch
from controller.core.device import Held, Ordered, Progress
from controller.core.replacing import replace
from controller.core.said import said, word
from controller.core.spec import Action, MoverSpec, Spec
from controller.groups import Groups
from controller.ledger import NO_ANSWER, Command, DifferentBody, Ledger, Request
from controller.ports import JournalUnavailable, RempartError
from controller.runner import Runner

SECURE, OPEN, LOCKDOWN, REARM = "secure", "open", "lockdown", "re-arm"
ACTIONS = (*Action, SECURE, OPEN, LOCKDOWN, *Switch, *Output, REARM)
"""What can be asked for: what steel does, what it is for, an emergency, who may move it, one output by hand, and arming what has
tripped (R26)."""

UNDELAYED = (LOCKDOWN, Action.STOP, Switch.LOCK_OUT)
"""What goes ahead without the journal (rule 3): an emergency, and what only ever withholds permission."""

FOR_ZONES = (SECURE, OPEN, Action.STOP, LOCKDOWN, *Switch, REARM)

EMERGENCY_S = 0.25
"""How long an emergency waits for the journal before it goes ahead without it (rule 3)."""


UNDECIDED = 256
"""How many orders may wait for the journal and their device's decision at once: no person gives so many, a wild program does."""

CROWDED = said(
    "{count} orders wait for their decision already: nothing was ordered; give it again, with the same id",
    count=UNDECIDED,
)


MEMBER = ":"
"""What is in the ids of the orders that a zone's is divided into, and in no id of a client: nobody can have given one before."""


class NoSuchTarget(RempartError):
    """No device or zone of this name."""


class Orders:
    """The one way in for orders."""

    def __init__(
        self,
        ledger: Ledger,
        runners: Mapping[str, Runner],
        zones: Mapping[str, Sequence[str]],
        *,
        driven: Mapping[str, Sequence[str]],
        units: Mapping[str, Callable[[], bool]],
        timed: Callable[[float], None],
    ) -> None:
        """`zones` gives each zone its movers, `driven` all its devices with outputs; `units` each unit what arms it anew."""
        self._ledger, self._runners, self._zones, self._timed = ledger, runners, zones, timed
        self._driven, self._units = driven, units
        self._giving: dict[str, asyncio.Task[Command]] = {}
        self._decisions: dict[str, asyncio.Future[None]] = {}
        self._promised: dict[str, Progress | None] = {}
        self._received: dict[str, float] = {}
        self._groups = Groups(lambda progress: ledger.follow("", progress))
        self.closed = ""

    async def give(self, request: Request) -> Command:
        """Return the command once its device has decided; the same id again returns what is recorded and writes nothing.

        A caller that goes away does not stop an order. Raises NoSuchTarget, DifferentBody; JournalUnavailable where the journal
        cannot tell within the order's time whether it was given before: nothing was ordered.
        """
        giving = self._giving.get(request.id)
        if giving is None:
            if self._too_many(request):
                self._ledger.turned_away(request, CROWDED)
                return _unrecorded(request, CROWDED, Rule.BUSY)
            expires = asyncio.get_running_loop().time() + request.expires_in_s
            giving = asyncio.create_task(self._first(request, expires), name=f"order {request.id}")
            self._giving[request.id] = giving
            giving.add_done_callback(lambda _: self._giving.pop(request.id, None))
        command = await asyncio.shield(giving)
        if differences := request.differences(command.request):
            raise DifferentBody(f"command {request.id} was given before, with another body: {differences}")
        return command

    def _too_many(self, request: Request) -> bool:
        """Tell whether others stand in the way of an order; of an emergency, and of what ends a passage (R12), they never do."""
        pressing = request.action in UNDELAYED or request.automatic
        return len(self._giving) >= UNDECIDED and not pressing

    def close(self, why: str) -> None:
        """Refuse every order from now on."""
        self.closed = why

    def progressed(self, device: str, progress: Progress) -> None:
        """Record how an order fares, answer whoever waits for its decision, and let its zone's order follow."""
        if progress.life is Life.CONFIRMED and progress.order in self._promised:
            # Told once it is durable: who was told that a device is locked out must find it so after a crash.
            self._promised[progress.order] = progress
            return
        if self._ledger.follow(device, progress) is None:
            return
        if progress.life is Life.ISSUED and progress.order in self._received:
            self._timed(asyncio.get_running_loop().time() - self._received[progress.order])
        decision = self._decisions.get(progress.order)
        if decision is not None and not decision.done():
            decision.set_result(None)
        if progress.life.ended:
            self._received.pop(progress.order, None)
            self._groups.ended(device, progress)

    def hold(self, command: str, *, let_go: bool = False) -> bool:
        """Take note that the button of this order is still held, or was let go (R24); False where none such is under way."""
        live = self._ledger.held(command)
        if live is None or live.life.ended or not live.request.hold or live.request.target not in self._runners:
            return False
        self._runners[live.request.target].post(Held(command, let_go=let_go))
        return True

    async def _first(self, request: Request, expires: float) -> Command:
        known = await self._known(request, expires)
        if known is not None:
            return known
        rearm = request.action == REARM
        if request.target in self._zones:
            return await self._for_zone(request, (self._driven if rearm else self._zones)[request.target], expires)
        if request.target not in self._runners and not (rearm and request.target in self._units):
            units = f", and no unit; there are the units {', '.join(sorted(self._units))}" if rearm else ""
            raise NoSuchTarget(f"there is no device or zone {request.target!r}{units}")
        return await self._for_device(request, expires)

    async def _known(self, request: Request, expires: float) -> Command | None:
        """Return the command of this id. An emergency does not wait for a journal that hangs: memory has to know."""
        emergency = request.action in UNDELAYED
        try:
            async with asyncio.timeout_at(_patience(expires) if emergency else expires):
                return await self._ledger.find(request.id)
        except (TimeoutError, JournalUnavailable) as error:
            if emergency:
                return self._ledger.held(request.id)
            if isinstance(error, JournalUnavailable):
                raise
            raise JournalUnavailable(
                said("the journal cannot tell whether this order was given before: {why}", why=NO_ANSWER)
            ) from None

    async def _receive(self, request: Request, device: str, expires: float, parts: Sequence[Request] = ()) -> Command:
        """Make it durable. What cannot be is returned as refused: nothing follows from it, and no device hears of it."""
        try:
            if request.action in UNDELAYED:
                return await self._ledger.receive_emergency(request, device, _patience(expires), parts)
            return await self._ledger.receive(request, device, expires, parts)
        except JournalUnavailable as error:
            why = said("the journal cannot be written, and nothing moves unrecorded: {why}", why=error.told)
            return _unrecorded(request, why)

    async def _for_device(self, request: Request, expires: float) -> Command:
        command = await self._receive(request, request.target, expires)
        return command if command.life.ended else await self._decided(command, expires)

    async def _decided(self, command: Command, expires: float) -> Command:
        """Hand a command that is durable to its device, and return it once that has decided."""
        request = command.request
        device, runner = request.target, self._runners.get(request.target)
        if request.action == REARM or runner is None:
            self._rearm(request, device, runner)
            return command
        spec = runner.device.spec
        refusal = self._cannot(spec, runner)
        if refusal is not None:
            if request.action == LOCKDOWN and refusal.rule is Rule.CRASHED:
                runner.unsecured(refusal.because)
            self.progressed(device, Progress(request.id, Life.REFUSED, refusal.because, (refusal,)))
            return command
        order = _order(request, spec, expires)
        decision = self._decisions[request.id] = asyncio.get_running_loop().create_future()
        self._received[request.id] = expires - request.expires_in_s
        if isinstance(order.action, Switch):
            self._promised[request.id] = None
        runner.post(Ordered(order))
        try:
            await decision
        finally:
            del self._decisions[request.id]
        if (promised := self._promised.pop(request.id, None)) is not None:
            why = await self._ledger.settle(expires)
            fleeting = replace(promised, life=Life.UNKNOWN, because=_fleeting(promised, why))
            self.progressed(device, fleeting if why else promised)
        return command

    def _rearm(self, request: Request, device: str, runner: Runner | None) -> None:
        units = [] if runner is None else runner.rearm()
        units += [device] if device in self._units and self._units[device]() else []
        told = said("nothing to do: no watchdog of its units has expired")
        if units:
            told = said("{units} will be armed and opened again", units=", ".join(units))
        elif runner is None:
            told = said("nothing to do: its watchdog has not expired")
        self.progressed(device, Progress(request.id, Life.ACCEPTED))
        self.progressed(device, Progress(request.id, Life.CONFIRMED, told))

    def _cannot(self, spec: Spec, runner: Runner) -> Refusal | None:
        if self.closed:
            return Refusal(Rule.STOPPING, spec.id, self.closed)
        if not isinstance(spec, MoverSpec):
            return Refusal(Rule.KIND, spec.id, said("a {kind} cannot be moved", kind=word(spec.kind)))
        failed = said("its logic failed; restart the controller")
        return Refusal(Rule.CRASHED, spec.id, failed) if runner.ended else None

    async def _for_zone(self, request: Request, devices: Sequence[str], expires: float) -> Command:
        if request.action not in FOR_ZONES:
            raise NoSuchTarget(f"a zone is told to {', '.join(FOR_ZONES)}; {request.action!r} is for a device")
        airlocks = self._airlocks(devices) if request.action == OPEN else []
        members = {f"{request.id}{MEMBER}{device}": device for device in devices if not airlocks}
        parts = [replace(request, id=member, target=device, seen=None) for member, device in members.items()]
        command = await self._receive(request, "", expires, parts)
        if command.life.ended:
            return command
        if airlocks:
            self._ledger.follow("", Progress(request.id, Life.REFUSED, airlocks[0].because, tuple(airlocks)))
            return command
        self._groups.begin(request.id, members)
        commands = [self._ledger.held(member) for member in members]
        given = await asyncio.gather(*(self._decided(part, expires) for part in commands if part is not None))
        refusals = tuple(refusal for part in given for refusal in part.refusals)
        if all(part.life is Life.REFUSED for part in given):
            self._groups.answer(request.id, Progress(request.id, Life.REFUSED, said("every member refuses"), refusals))
        else:
            self._groups.answer(request.id, Progress(request.id, Life.ACCEPTED, "", refusals))
        return command

    def _airlocks(self, devices: Sequence[str]) -> list[Refusal]:
        """Return why these cannot be opened together: two of them are the rows of one airlock (PAS 69)."""
        specs = [self._runners[device].device.spec for device in devices]
        return [
            Refusal(
                Rule.AIRLOCK,
                spec.id,
                said("it and {other} are an airlock, whose rows are opened one at a time", other=spec.airlock_with),
            )
            for spec in specs
            if isinstance(spec, MoverSpec) and spec.airlock_with in devices and spec.id < spec.airlock_with
        ]


def _patience(expires: float) -> float:
    """Return until when an emergency waits for the journal."""
    return min(expires, asyncio.get_running_loop().time() + EMERGENCY_S)


def _order(request: Request, spec: Spec, expires: float) -> Order:
    return Order(
        id=request.id,
        device=spec.id,
        action=_action(request.action, spec),
        principal=request.principal,
        expires=expires,
        reason=request.reason,
        seen=request.seen,
        role=request.role,
        by=request.by,
        authority=Authority.EMERGENCY if request.action == LOCKDOWN else Authority.OPERATOR,
        hold=request.hold,
        automatic=request.automatic,
        passage=request.passage,
        point=request.point,
        level=request.level,
        person=request.person,
        of_zone=MEMBER in request.id,
    )


def _action(action: str, spec: Spec) -> Action | Switch | Output:
    if isinstance(spec, MoverSpec) and action in (SECURE, OPEN, LOCKDOWN):
        return spec.opens if action == OPEN else spec.secures
    if action in tuple(Output):
        return Output(action)
    return Switch(action) if action in tuple(Switch) else Action(action)


def _fleeting(done: Progress, why: str) -> str:
    """Say of what was done, and is not durable, what that means."""
    return said(
        "{done}; but it is not on record and does not survive a restart of the controller: {why}",
        done=done.because,
        why=why,
    )


def _unrecorded(request: Request, why: str, rule: Rule = Rule.JOURNAL) -> Command:
    command = Command(request, at="", life=Life.REFUSED, because=why)
    command.refusals = (Refusal(rule, request.target, why),)
    return command
