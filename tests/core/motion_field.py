"""The field around a mover, as a state machine.

The wire is late, loses answers and fails half-way; switches, loops and lamps may show anything.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
)

from controller.core.command import Life
from controller.core.device import Lost, Restored, Sampled, Ticked, Wrote
from controller.core.readings import Quality, Reading, good
from controller.core.spec import MoverSpec
from tests.core.motion_ledger import CALM, LOOPS
from tests.core.motion_world import World
from tests.core.rig import BOLLARD, seen

FAILURES = (Life.FAILED, Life.EXPIRED, Life.UNKNOWN)
pictures = st.sampled_from(["top", "bottom", "between", "between", "both"])
seldom = st.sampled_from([False] * 5 + [True])
pressed = st.sampled_from([()] * 5 + [("estop",), ("obstruction",)])


class Field(RuleBasedStateMachine):
    """What the wire, the steel and everything around it can do to one mover."""

    spec: MoverSpec = BOLLARD
    world: World

    # The wire and the steel.

    @rule(unit=st.sampled_from(["io", "io2"]), lost=st.booleans())
    def reconnect(self, unit: str, lost: bool) -> None:
        """Lose a unit, or let one answer that was perhaps not missed."""
        if lost:
            self.world.wire.clear()
        self.world.give(Lost(unit, "mute") if lost else Restored(unit))

    @rule(picture=pictures, local=seldom)
    def find(self, picture: str, local: bool) -> None:
        """Bring the units up and say where the steel is, so that more than an unknown mover is seen."""
        world = self.world
        for unit in sorted(world.device.down):
            world.give(Restored(unit))
        world.give(Sampled(seen(self.spec, picture, world.now, local=local)))

    @rule(data=st.data(), age=st.sampled_from([0.0, 0.0, 0.0, 0.1, 0.9, 2.0]), local=seldom, pressed=pressed)
    def sample(self, data: st.DataObject, age: float, local: bool, pressed: tuple[str, ...]) -> None:
        picture = tuple(data.draw(pictures) for _ in self.spec.tops)
        self.world.give(Sampled(seen(self.spec, picture, self.world.now - age, local=local, pressed=pressed)))

    @rule(picture=pictures, pressed=pressed)
    def sample_alike(self, picture: str, pressed: tuple[str, ...]) -> None:
        self.world.give(Sampled(seen(self.spec, picture, self.world.now, pressed=pressed)))

    @rule(data=st.data(), quality=st.sampled_from([Quality.BAD, Quality.UNCERTAIN]))
    def sample_badly(self, data: st.DataObject, quality: Quality) -> None:
        name = data.draw(st.sampled_from(sorted(self.spec.inputs)))
        self.world.give(Sampled({name: Reading(True, quality, self.world.now)}))

    @precondition(lambda self: self.world.wire)
    @rule()
    def acknowledge(self) -> None:
        drive = self.world.wire.pop(0)
        if self.world.now >= drive.deadline:
            self.world.give(Wrote(drive.number, Life.EXPIRED, "expired"))
            return
        self.world.switch(drive, len(drive.levels))
        self.world.give(Wrote(drive.number))

    @precondition(lambda self: self.world.wire)
    @rule(data=st.data(), life=st.sampled_from(FAILURES), told=st.sampled_from([True, True, False]))
    def fail(self, data: st.DataObject, life: Life, told: bool) -> None:
        """Let a write end half-way, with or without a word."""
        drive = self.world.wire.pop(0)
        if self.world.now < drive.deadline and life in (Life.FAILED, Life.UNKNOWN):
            self.world.switch(drive, data.draw(st.integers(0, len(drive.levels))))
        if told:
            self.world.give(Wrote(drive.number, life, "failed"))

    @rule(number=st.integers(0, 30), life=st.sampled_from([None, *FAILURES]))
    def mistake(self, number: int, life: Life | None) -> None:
        """Let the fate of a write be told that is long over."""
        writing = self.world.device.writing
        if writing is None or number != writing.number:
            self.world.give(Wrote(number, life, "late"))

    @precondition(lambda self: self.world.device.moving)
    @rule(held=st.booleans(), seconds=st.sampled_from([0.6, 1.8]))
    def go_on(self, held: bool, seconds: float) -> None:
        """Let the wire answer and the steel be on its way."""
        self.world.answer()
        self.sample_alike("between", ())
        self.world.calm(seconds, held=held)

    @precondition(lambda self: self.world.device.moving)
    @rule()
    def arrive(self) -> None:
        """Let the wire answer and the steel reach its goal."""
        self.world.answer()
        self.sample_alike("top" if self.world.device.state == "raising" else "bottom", ())

    # What stands around it.

    @rule(data=st.data(), name=st.sampled_from(sorted(CALM)))
    def look(self, data: st.DataObject, name: str) -> None:
        inputs = {signal: usual ^ data.draw(seldom) for signal, usual in CALM[name].items()}
        self.world.look(name, inputs)
        self.world.give(Ticked())

    @rule(name=st.sampled_from([*LOOPS, "obstruction"]))
    def meet(self, name: str) -> None:
        """Let something be in the way for sure."""
        if name in LOOPS:
            self.world.look(name, {"detect": True, "fault": False})
            self.world.give(Ticked())
        elif name in self.spec.inputs:
            self.world.give(Sampled({name: good(True, self.world.now)}))

    @rule(seconds=st.sampled_from([1.8, 1.8, 6.0]), held=st.booleans())
    def calm(self, seconds: float, held: bool) -> None:
        self.world.calm(seconds, held=held)

    @rule(picture=pictures, released=st.booleans())
    def see_other(self, picture: str, released: bool) -> None:
        self.world.see_other(picture, released=released)
        self.world.give(Ticked())
