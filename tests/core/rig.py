"""A mover on a bench: it gets events one by one, at times that the test says, and everything it asked for is kept.

Nothing here decides: what the wire answers, when the steel moves and what the loops say is the test's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, cast

from controller.core import kinds
from controller.core.command import Authority, Life, Order, Output, Switch, may_follow
from controller.core.device import (
    Device,
    DriveTo,
    Event,
    Held,
    Lost,
    Neighbours,
    Ordered,
    Progress,
    Restored,
    Sampled,
    Step,
    Ticked,
    Wrote,
)
from controller.core.mover import Mover
from controller.core.readings import Readings, Value, good
from controller.core.spec import Action, BeaconSpec, Drive, Kind, MoverSpec, SignalSpec, Spec

MAX_AGE_S = 1.0
UNITS = frozenset({"io"})
BEACON = BeaconSpec(
    id="beacon", kind=Kind.BEACON, inputs={"lamp": MAX_AGE_S}, outputs=("light",), warns=("steel", "other")
)
SIGNAL = SignalSpec(
    id="signal",
    kind=Kind.SIGNAL,
    inputs=dict.fromkeys(("halt_lamp", "go_lamp"), MAX_AGE_S),
    outputs=("halt", "go"),
    follows="steel",
    go_state="lowered",
)
LOOP = Spec(id="loop", kind=Kind.LOOP, inputs={"detect": MAX_AGE_S, "fault": MAX_AGE_S})


def mover_spec(kind: Kind = Kind.BOLLARD, *, members: int = 1, **changes: object) -> MoverSpec:
    """Describe a mover of one or more members, with a key switch, held outputs and no neighbours."""
    tops = tuple(f"raised{n}" for n in range(members))
    bottoms = tuple(f"lowered{n}" for n in range(members))
    spec = MoverSpec(
        id="steel",
        kind=kind,
        inputs=dict.fromkeys((*tops, *bottoms, "local"), MAX_AGE_S),
        outputs=("raise", "lower"),
        tops=tops,
        bottoms=bottoms,
        secures=Action.RAISE,
        drive=Drive(),
        travel_s=8.0,
        settle_s=0.3,
    )
    return replace(spec, **changes)  # type: ignore[arg-type]


PULSED = Drive(type="pulsed", pulse_s=0.5)
SETPOINT = Drive(type="setpoint", codes={"stop": 0, "raise": 1, "lower": 2})

BOLLARD = mover_spec()
GROUP = mover_spec(members=3)
BOOM = mover_spec(Kind.BARRIER, secures=Action.LOWER, drive=PULSED, outputs=("raise", "lower", "stop"))
BOOM_WITHOUT_STOP = mover_spec(Kind.BARRIER, secures=Action.LOWER, drive=PULSED)
BLOCKER = mover_spec(Kind.ROAD_BLOCKER, drive=SETPOINT, outputs=("command",))
ALL = {
    "bollard": BOLLARD,
    "group of three": GROUP,
    "boom": BOOM,
    "boom without stop": BOOM_WITHOUT_STOP,
    "blocker": BLOCKER,
}

PICTURES = {"top": (True, False), "bottom": (False, True), "between": (False, False), "both": (True, True)}


def seen(
    spec: MoverSpec,
    picture: str | tuple[str, ...],
    now: float,
    *,
    local: bool = False,
    pressed: Collection[str] = (),
) -> Readings:
    """Return what the inputs say: of the limit switches one word for all members, or one for each; `pressed` the others."""
    words = (picture,) * len(spec.tops) if isinstance(picture, str) else picture
    active = {"local": local, "estop": "estop" in pressed, "obstruction": "obstruction" in pressed}
    readings = {name: good(level, now) for name, level in active.items() if name in spec.inputs}
    for word, top, bottom in zip(words, spec.tops, spec.bottoms, strict=True):
        readings[top], readings[bottom] = (good(level, now) for level in PICTURES[word])
    return readings


class Rig:
    """One mover and the loops it heeds."""

    def __init__(self, spec: MoverSpec = BOLLARD, *, now: float = 100.0) -> None:
        self.now = now
        self.spec = spec
        self.device = cast(Mover, kinds.new_device(spec, UNITS, now))
        self.neighbours: dict[str, Device] = {}
        self.drives: list[DriveTo] = []
        self.progress: list[Progress] = []
        self.coils: dict[str, Value] = {}
        self.wake_at: float | None = None
        self.picture: str | tuple[str, ...] = "bottom"
        self.local = False
        self.pressed: set[str] = set()
        self._orders = 0

    # What happens to it.

    def give(self, event: Event) -> Step:
        """Let one event happen now."""
        step = kinds.step(self.device, event, self.neighbours, self.now)
        self.device, self.wake_at = cast(Mover, step.device), step.wake_at
        for effect in step.effects:
            if isinstance(effect, DriveTo):
                self.drives.append(effect)
            else:
                before = self.lives(effect.order)
                assert may_follow(before[-1] if before else Life.RECEIVED, effect.life)
                self.progress.append(effect)
        return step

    def tick(self) -> Step:
        return self.give(Ticked())

    def sample(self, picture: str | tuple[str, ...] | None = None, *, taken: float | None = None) -> Step:
        """Let the wire say where the steel is."""
        self.picture = self.picture if picture is None else picture
        now = self.now if taken is None else taken
        return self.give(Sampled(seen(self.spec, self.picture, now, local=self.local, pressed=self.pressed)))

    def run(self, seconds: float, *, poll_s: float = 0.1) -> None:
        """Let time pass, with a fresh reading of an unchanged picture at each poll."""
        for _ in range(round(seconds / poll_s)):
            self.now += poll_s
            for name in self.neighbours:
                self._refresh(name)
            self.sample()

    def press(self, *inputs: str) -> Step:
        """Let the emergency stop or the obstruction sensor say so; without a name, let all of them go."""
        self.pressed = set(inputs)
        return self.sample()

    def order(
        self,
        action: Action | Switch | Output | str,
        *,
        expires_in_s: float = 5.0,
        seen: int | None = None,
        principal: str = "op",
        **more: Any,
    ) -> str:
        """Order a motion or a switch; return the order's id."""
        self._orders += 1
        name = f"order-{self._orders}"
        order = Order(
            id=name,
            device=self.spec.id,
            action=_action(action),
            principal=principal,
            expires=self.now + expires_in_s,
            seen=seen,
            **more,
        )
        self.give(Ordered(order))
        return name

    def fire(self, **more: Any) -> str:
        """Fire an emergency; return the order's id."""
        return self.order(self.spec.secures, authority=Authority.EMERGENCY, **more)

    def held(self, order: str) -> Step:
        """Say that the button of `order` is still held."""
        return self.give(Held(order))

    def ack(self, number: int | None = None) -> Step:
        """Let the wire acknowledge a write, the latest unless told."""
        drive = self.drives[-1 if number is None else [d.number for d in self.drives].index(number)]
        for name, level in drive.levels:
            self.coils[name] = level
            assert not (self.coils.get("raise") and self.coils.get("lower")), "opposite outputs on together"
        return self.give(Wrote(drive.number))

    def fail(self, life: Life, why: str = "why") -> Step:
        """Let the latest write end badly."""
        return self.give(Wrote(self.drives[-1].number, life, why))

    def lose(self, why: str = "mute") -> Step:
        return self.give(Lost("io", why))

    def restore(self) -> Step:
        return self.give(Restored("io"))

    # Its neighbours.

    def loop(self, name: str, *, detect: bool = False, fault: bool = False) -> None:
        """Let a loop say what it sees, and the mover look."""
        self.show(replace(LOOP, id=name), detect=detect, fault=fault)

    def show(self, spec: Spec, **inputs: bool) -> None:
        """Let the inputs of a neighbour say this, and the mover look."""
        device = self.neighbours.get(spec.id) or kinds.new_device(spec, frozenset(), self.now)
        event = Sampled({name: good(level, self.now) for name, level in inputs.items()})
        self.neighbours[spec.id] = answered(device, event, self.around, self.now)
        self.tick()

    def _refresh(self, name: str) -> None:
        device = self.neighbours[name]
        again = {signal: replace(reading, taken=self.now) for signal, reading in device.readings.items()}
        self.neighbours[name] = answered(device, Sampled(again), self.around, self.now)

    @property
    def around(self) -> Neighbours:
        return {**self.neighbours, self.spec.id: self.device}

    # What is known of it.

    def lives(self, order: str) -> list[Life]:
        return [progress.life for progress in self.progress if progress.order == order]

    def last(self, order: str) -> Progress:
        return next(progress for progress in reversed(self.progress) if progress.order == order)

    @property
    def alarms(self) -> list[str]:
        return [alarm.name for alarm in kinds.alarms(self.device)]

    @property
    def levels(self) -> dict[str, Value]:
        """The levels that the latest write asks for."""
        return dict(self.drives[-1].levels)


def answered(device: Device, event: Event, around: Neighbours, now: float) -> Device:
    """Let an event happen to a neighbour, and the wire acknowledge at once what it asks for, as it asked for its release."""
    for happening in (Ticked(), event):
        step = kinds.step(device, happening, around, now)
        while drive := next((effect for effect in step.effects if isinstance(effect, DriveTo)), None):
            step = kinds.step(step.device, Wrote(drive.number), around, now)
        device = step.device
    return device


def ready(spec: MoverSpec = BOLLARD, picture: str | tuple[str, ...] = "bottom") -> Rig:
    """A mover that was found resting, its outputs released, its loops clear for long."""
    rig = Rig(spec)
    for name in spec.presence:
        rig.loop(name)
    rig.restore()
    rig.ack()
    rig.sample(picture)
    rig.run(2.0)
    return rig


def moving(spec: MoverSpec = BOLLARD, action: Action | str = "raise", **more: Any) -> tuple[Rig, str]:
    """A mover in mid-travel, its outputs acknowledged; and its order."""
    rig = ready(spec, "bottom" if action == "raise" else "top")
    order = rig.order(action, **more)
    rig.ack()
    rig.run(0.5)
    rig.sample("between")
    rig.run(1.0)
    assert rig.lives(order) == [Life.ACCEPTED, Life.ISSUED, Life.MOVING]
    return rig, order


def _action(name: str) -> Action | Switch | Output:
    if name in tuple(Output):
        return Output(name)
    return Switch(name) if name in tuple(Switch) else Action(name)
