"""What a mover never does: checks of one event, and of one instant, against what the world knows by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from controller.core import kinds
from controller.core.command import Life, Order, Rule
from controller.core.device import Device, DriveTo, Event, Ordered, Progress, Step, Ticked
from controller.core.mover import Fault, Mover
from controller.core.outputs import RELEASE_S
from controller.core.spec import Action
from tests.core.motion_ledger import CALM

ROUNDING_S = 1e-9
"""Times that were added up in another order than those they are compared with."""

if TYPE_CHECKING:
    from tests.core.motion_world import World

MOTION = {"raising": Action.RAISE, "lowering": Action.LOWER}
PLACES = {"raised": "top", "lowered": "bottom", "stopped": "between"}
AFTER_POWER_S = 5.0
CLEAR_S = 1.0
ENDS = {Life.CONFIRMED, Life.FAILED, Life.SUPERSEDED, Life.UNKNOWN}
EDGES = {
    Life.RECEIVED: {Life.REFUSED, Life.ACCEPTED},
    Life.ACCEPTED: {Life.ISSUED, Life.EXPIRED, *ENDS},
    Life.ISSUED: {Life.MOVING, *ENDS},
    Life.MOVING: ENDS,
}
"""What can come next in an order's life."""

# Of one event.


def wakes(world: World) -> None:
    """It never asks to be woken at once."""
    assert world.wake_at is None or world.wake_at > world.now


def change(world: World, before: Mover, event: Event) -> None:
    """A motion begins by an order, or as a return; whatever people see of a change is a new version."""
    after = world.device
    if after.state != before.state:
        stopped = after.state == "stopped" and (world.cut_short or before.moving)
        assert after.state not in PLACES or world.place == PLACES[after.state] or stopped
        assert after.state not in ("raised", "lowered") or not world.cut_short or world.read_again
        if after.state in MOTION:
            begins(world, before, event)
        elif before.state in MOTION:
            ends(world, before)
    if shown(before) != shown(after):
        assert after.version > before.version
    for name, reading in before.readings.items():
        assert after.readings[name].taken >= reading.taken


def shown(mover: Mover) -> tuple[object, ...]:
    return (
        *(mover.state, mover.mode, mover.fault, bool(mover.unwritten), mover.holds, mover.wishes),
        *(mover.waiting, mover.returning, mover.returns, mover.remark, mover.unsecured),
    )


def begins(world: World, before: Mover, event: Event) -> None:
    """What begins had every right to."""
    after = world.device
    order = after.order
    assert order is not None
    if after.returning and not before.returning:
        assert MOTION[after.state] is world.spec.opens
        assert MOTION[before.state] is world.spec.secures
        assert before.order is not None
        assert before.order.id == order.id
        assert world.trip.acked_at is not None
        assert world.met(order)
        return
    if isinstance(event, Ordered) and event.order.id == order.id:
        live = before.order
        overruled = live is not None and not world.lives[live.id][-1].ended and live.action is not Action.STOP
        assert not overruled or live is None or live.authority <= order.authority
    else:
        assert before.waiting
        assert before.order is not None
        assert before.order.id == order.id
    assert order.action is MOTION[after.state]
    assert world.now < order.expires
    assert world.born[order.id] == world.wires.epoch, "nothing begins that was ordered before a loss (R17)"
    if not order.emergency:
        assert not world.spec.traffic or world.shows("crossing", **CALM["crossing"])
    if order.action is world.spec.secures:
        warned(world, order)
        assert not order.automatic or world.wear.returns < world.spec.give_up
    else:
        assert world.wear.in_the_last_hour(world.now) < world.spec.cycles_per_hour


def ends(world: World, before: Mover) -> None:
    """What arrives has taken as long as steel does, and is late only after its time (R01, R03, R16)."""
    after, took = world.device, world.trip.took(world.now)
    assert before.order is not None
    timed = world.trip.whole and not (before.returning or world.orders[before.order.id].emergency)
    there = PLACES[{"raising": "raised", "lowering": "lowered"}[before.state]]
    if after.state in ("raised", "lowered") and timed and PLACES[after.state] == there:
        assert took >= world.spec.fastest_s - ROUNDING_S
    if after.fault is Fault.TOO_SOON:
        assert timed
        assert world.place == there
        assert took < world.spec.fastest_s + ROUNDING_S
    if after.fault in (Fault.TRAVEL_TIME, Fault.NO_LIMIT):
        assert took >= world.spec.travel_s - ROUNDING_S


def warned(world: World, order: Order) -> None:
    """The securing motion begins behind red signals, under a beacon that is proven lit for long enough (R13, R14, R15)."""
    if order.emergency:
        assert world.now >= world.asked_since + world.spec.efo_lead_s
        return
    assert all(world.shows(name, **CALM["signal"]) for name in world.spec.signals)
    if not world.spec.warning:
        return
    assert world.shows("beacon", lamp=True)
    long_s = AFTER_POWER_S if order.automatic and world.cut_off else world.spec.warning_s
    assert world.now >= max(world.sights["beacon"].since, world.asked_since) + long_s


def people(world: World) -> None:
    """What people hold over it is what the ledger of their orders says, and so is the count of its returns."""
    held, ledger = world.device.holds, world.ledger
    assert {tag.tag: (tag.owner, tag.asked_by) for tag in held.tags} == ledger.tags
    assert ("" if held.efo is None else held.efo.role) == ledger.fired
    assert held.test == ledger.tester
    wishes = {str(wish.action): (wish.by, wish.until) for wish in world.device.wishes}
    assert wishes == ledger.alive(world.now)
    assert world.device.returns == world.wear.returns


def drive(world: World, drive: DriveTo, before: Mover) -> None:
    """A start is written once for an order, and a return once; anything else that is written releases."""
    after, levels = world.device, dict(drive.levels)
    assert not after.down
    assert drive.number > before.drive
    assert [bool(level) for _, level in drive.levels] == sorted(bool(level) for _, level in drive.levels)
    moved = {Action.RAISE: levels.get("raise") or levels.get("command") == 1}
    moved[Action.LOWER] = levels.get("lower") or levels.get("command") == 2
    towards = [action for action, on in moved.items() if on]
    if not towards or after.returning:
        assert (drive.order, drive.deadline) == ("", world.now + RELEASE_S)
        assert drive.urgent is not drive.at_rest
        # Only what brought it there may still be on where it lets an emergency go first.
        brought = {"raised": ("raise", 1), "lowered": ("lower", 2)}.get(after.state, ("", 0))
        on = [(name, level) for name, level in before.acked.items() if level]
        assert not drive.at_rest or on in ([(brought[0], True)], [("command", brought[1])], [])
    if not towards:
        return
    assert towards == [MOTION.get(after.state)]
    assert after.order is not None
    assert not after.waiting
    if after.returning:
        assert after.order.id not in world.taken_back, "a return is written once"
        world.taken_back.add(after.order.id)
        return
    order = world.orders[drive.order]
    assert after.order.id == drive.order
    assert order.action is towards[0]
    assert drive.urgent is order.emergency
    assert world.now < drive.deadline == order.expires
    assert drive.order not in world.started, "a start is written once"
    world.started.add(drive.order)


def _unnoted(device: Device) -> Device:
    """Leave out that an emergency was refused, which decides nothing, and what only another person makes of a refusal."""
    return replace(device, unsecured="", wishes=(), version=0) if isinstance(device, Mover) else device


def progress(world: World, told: Progress, before: Mover, event: Event, step: Step) -> None:
    """An order's life goes forward, its end says why, and a refused one has changed nothing."""
    life, order = world.lives[told.order], world.orders[told.order]
    assert told.life in EDGES[life[-1]], f"{life} then {told.life}"
    life.append(told.life)
    if told.life in (Life.FAILED, Life.REFUSED, Life.UNKNOWN, Life.EXPIRED, Life.SUPERSEDED):
        assert told.because
    if told.life is Life.REFUSED:
        assert told.refusals
        if order.action is world.spec.opens and [refusal.rule for refusal in told.refusals] == [Rule.TWO_PERSONS]:
            assert order.person
            assert not world.ledger.second(order, world.now)
        looked = kinds.step(before, Ticked(), world.neighbours, world.now)
        assert _unnoted(looked.device) == _unnoted(step.device)
        assert [e for e in step.effects if e is not told] == list(looked.effects)
    if told.life is Life.SUPERSEDED:
        assert isinstance(event, Ordered)
        newer = event.order
        assert newer.action is Action.STOP or newer.authority >= order.authority
    if told.life is Life.CONFIRMED and order.action in (Action.RAISE, Action.LOWER):
        assert world.device.state == {"raise": "raised", "lower": "lowered"}[order.action]
    if told.life is Life.ACCEPTED and order.action in (Action.RAISE, Action.LOWER) and not order.emergency:
        assert order.seen in (None, before.version)
        if world.ledger.fired:
            assert order.person
            assert world.ledger.second(order, world.now), "two people open it under a lockdown, and nobody alone"
            world.agreed.add(order.id)
    if "nothing was sent" in told.because:
        assert told.order not in world.started
        assert (told.life is Life.EXPIRED) is (world.now >= order.expires)


# Of one instant.


def feedback(world: World) -> None:
    """What is shown is what feedback shows."""
    device = world.device
    if device.state in ("raised", "lowered"):
        assert world.place == PLACES[device.state] or world.now < device.settle_due
    assert device.down == world.wires.down
    if device.state == "offline":
        assert world.wires.down
    if world.wires.down:
        assert device.state in ("unknown", "offline")


def orders(world: World) -> None:
    """A motion has a live order that may still move it; one that waits has sent nothing; nothing else is remembered."""
    device, order = world.device, world.device.order
    assert order is None or world.lives[order.id][-1] in (Life.ACCEPTED, Life.ISSUED, Life.MOVING)
    assert not device.returning or (device.motion is world.spec.opens and order is not None)
    if device.state in MOTION:
        assert order is not None
        assert not device.waiting
        assert order.action is (world.spec.secures if device.returning else MOTION[device.state])
        rights(world, order)
    elif device.waiting:
        assert order is not None
        assert order.action is world.spec.secures
        assert order.id not in world.started
        assert world.now < order.expires
    else:
        assert order is None or order.action is Action.STOP


def rights(world: World, order: Order) -> None:
    """Nobody moves what is locked out, in local, stopped, latched or tested by somebody else, nor with a button let go."""
    assert world.ledger.tags == {}
    assert world.says("local") is False
    assert world.says("estop") is False
    assert world.trip.took(world.now) < world.spec.travel_s + ROUNDING_S
    if world.device.returning:
        return
    assert not world.ledger.fired or order.emergency or order.id in world.agreed
    assert world.ledger.tester in ("", order.who)
    assert not order.hold or world.now < world.held_until[order.id]


def ways(world: World) -> None:
    """Nothing secures onto what is, or may be, in the way; nothing opens against the other row of an airlock."""
    device, spec = world.device, world.spec
    if device.state not in MOTION:
        return
    if MOTION[device.state] is spec.opens:
        assert not spec.airlock_with or world.other_secured
        return
    assert device.order is not None
    assert world.says("obstruction") is False
    for name in () if device.order.emergency and spec.efo_ignores_presence else spec.presence:
        assert world.shows(name, **CALM[name])
        assert world.now >= world.sights[name].since + CLEAR_S


def outputs(world: World) -> None:
    """Opposite outputs are never on together, a motion is the only reason for one, and any other is being released."""
    device = world.device
    pending, acked, code = device.pending, device.acked, {"raising": 1, "lowering": 2}.get(device.state, 0)
    levels = {**acked, **pending}
    assert not (levels.get("raise") and levels.get("lower"))
    assert not pending.get("raise") or device.state == "raising"
    assert not pending.get("lower") or device.state == "lowering"
    assert pending.get("command", code) == code
    assert {name: world.coils.get(name) for name in acked} == acked
    if world.wires.down or world.now < device.retry_at:
        return
    for name in ("raise", "lower", "command"):
        if world.coils.get(name) and (device.state not in MOTION or {"raise": 1, "lower": 2}.get(name, code) != code):
            assert name in pending
