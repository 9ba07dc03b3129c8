"""Walks through a mover's life that chance seldom takes: one thing forbids a motion, or ends one that has begun."""

from __future__ import annotations

from controller.core.command import Authority
from controller.core.device import Held, Lost, Restored, Sampled, Ticked
from controller.core.readings import good
from controller.core.spec import Action
from tests.core.motion_ledger import CALM, LOOPS
from tests.core.motion_machine import Anything

DOUBTS = ("detect", "fault", "stale", "just")
"""How a thing forbids: it says no, is in fault, is not heard, or has said yes for a moment only."""

ENDINGS = ("let go", "silent", "lost", "reconnected", "late", "again", "after power")
"""What becomes of a motion: its button, its unit, its time, an order for the same; or how it begins after a loss."""


class Walk(Anything):
    """A mover that is led."""

    @property
    def forbidders(self) -> tuple[str, ...]:
        """Return what can forbid a motion by itself."""
        return (*self.spec.heeds, *(name for name in ("estop", "obstruction", "local") if name in self.spec.inputs))

    def forbid(self, name: str, how: str, *, fired: bool, opens: bool) -> None:
        """Order while one thing forbids it."""
        world = self.world
        self.settle("bottom" if (self.spec.secures is Action.RAISE) is not opens else "top")
        for _ in range(2):
            if how != "stale":
                self._turn(name, how)
            world.calm(0.6, held=False, but=name)
        world.give(Ticked())
        if how == "just" and name in CALM:
            world.look(name, CALM[name])
            world.now += 0.95
            world.give(Ticked())
        authority = Authority.EMERGENCY if fired and not opens else Authority.OPERATOR
        self.give_order(self.spec.opens if opens else self.spec.secures, 20.0, authority=authority)
        world.calm(1.8, held=False, but=name)

    def _turn(self, name: str, how: str) -> None:
        """Let one thing forbid what the rest allows."""
        world = self.world
        if name in LOOPS:
            world.look(name, {"detect": how != "fault", "fault": how == "fault"})
        elif name in CALM:
            world.look(name, {signal: not usual for signal, usual in CALM[name].items()})
        elif name == "other":
            world.neighbours.pop("other", None)
            world.other_released = False
            world.see_other("bottom" if how == "fault" else "top", released=how == "fault")
        elif name in self.spec.inputs:
            world.give(Sampled({name: good(True, world.now)}))

    def end(self, how: str, *, fired: bool) -> None:
        """Begin the securing motion, and let one thing become of it."""
        world, secures = self.world, self.spec.secures
        world.give(Lost("io", "mute"))
        self.settle("bottom" if secures is Action.RAISE else "top")
        authority = Authority.EMERGENCY if fired else Authority.OPERATOR
        button = how in ("let go", "silent") and self.spec.stoppable
        self.give_order(secures, 20.0, authority=authority, hold=button, automatic=how == "after power")
        world.calm(2.4, held=True)
        if how == "after power":
            world.calm(3.6, held=True)
        assert world.device.moving
        world.answer()
        self.sample_alike("between", ())
        assert world.device.order is not None
        match how:
            case "let go":
                world.give(Held(world.device.order.id, let_go=True))
            case "silent":
                world.calm(1.2, held=False)
            case "lost":
                world.wire.clear()
                world.give(Lost("io", "mute"))
            case "reconnected":
                world.give(Restored("io"))
            case "late":
                world.calm(self.spec.travel_s + 1.2, held=True)
            case "again":
                self.give_order(secures, 20.0, authority=authority)
                self.wait(0.05)
        self.let_go()

    def be_late(self) -> None:
        """Order what the author has not seen the latest of, and what waits for longer than the order lives."""
        world, secures = self.world, self.spec.secures
        world.give(Restored("io"))
        self.settle("bottom" if secures is Action.RAISE else "top")
        self.give_order(secures, 20.0, seen=world.device.version - 1)
        self.give_order(secures, 0.0)
        assert not world.device.moving
        self.give_order(secures, 1.0)
        for _ in range(3):
            if self.spec.warning:
                self._turn(self.spec.warning, "no")
            world.calm(0.6, held=True, but=self.spec.warning)
