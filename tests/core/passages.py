"""A board that the test writes: rows `a`, `b`, `c`, each with loops before and behind it, and a passage stepped over them.

Nothing here decides: what the steel does and what becomes of an order is the test's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from controller.core.command import Life, Refusal, Rule
from controller.core.device import Device, Progress
from controller.core.mover import Mover
from controller.core.passage import Ended, Event, Form, Give, Leg, Looked, Passage, Reached, TookOver
from controller.core.passing import step
from controller.core.readings import good
from controller.core.spec import Kind, Spec
from tests.core.rig import mover_spec

MAX_AGE_S = 1000.0
NO_SHOW_S = 30.0
OCCUPIED = Refusal(Rule.PRESENCE, "a-in", "loop occupied")


def loops_of(row: str) -> tuple[str, str]:
    return f"{row}-in", f"{row}-out"


@dataclass
class Lane:
    """Rows and their loops, and one passage over them. Every call is an instant of its own unless it says when."""

    passage: Passage
    now: float = 100.0
    board: dict[str, Device] = field(default_factory=dict)
    given: list[Give] = field(default_factory=list)
    reached: list[tuple[str, str]] = field(default_factory=list)
    wake_at: float | None = None

    def row(self, name: str, state: str, *, settled: bool = True, **changes: object) -> None:
        """Show a row in `state`; unless it is `settled` its outputs may still be on."""
        known = self.board.get(name)
        spec = known.spec if known is not None else mover_spec(presence=loops_of(name), id=name, no_show_s=NO_SHOW_S)
        spec = replace(spec, **changes)  # type: ignore[arg-type]
        acked = dict.fromkeys(spec.outputs, False) if settled else {}
        self.board[name] = Mover(spec=spec, state=state, since=self.now, why="so", acked=acked)  # type: ignore[arg-type]

    def loop(self, name: str, state: str, since: float | None = None, age_s: float = 0.0) -> None:
        """Show a loop in `state`, read `age_s` ago."""
        spec = Spec(id=name, kind=Kind.LOOP, inputs={"detect": MAX_AGE_S})
        since = self.now if since is None else since
        readings = {"detect": good(state == "occupied", self.now - age_s)}
        self.board[name] = Device(spec=spec, state=state, since=since, readings=readings)

    def take(self, event: Event | None = None, after_s: float = 0.0) -> None:
        self.now += after_s
        after = step(self.passage, event or Looked(), self.board, self.now)
        self.passage, self.wake_at = after.passage, after.wake_at
        self.given += [effect for effect in after.effects if isinstance(effect, Give)]
        self.reached += [(e.mover, e.state) for e in after.effects if isinstance(e, Reached)]

    def ends(self, life: Life, mover: str = "a", because: str = "so", *refusals: Refusal) -> None:
        """Tell how the last order to `mover` has ended."""
        order = next(give.order for give in reversed(self.given) if give.mover == mover)
        self.take(Progress(order, life, because, refusals))

    def leg(self, mover: str = "a") -> Leg:
        return next(leg for leg in self.passage.legs if leg.mover == mover)

    def state(self, mover: str = "a") -> str:
        return self.leg(mover).state

    def opens(self, mover: str = "a") -> None:
        """The row opens, as ordered."""
        self.row(mover, "lowered")
        self.ends(Life.CONFIRMED, mover)
        assert self.state(mover) in ("open", "occupied")

    def vehicle(self, mover: str = "a") -> None:
        """A vehicle drives over the loops of the row and away."""
        for loop in loops_of(mover):
            self.loop(loop, "occupied")
            self.take(after_s=1.0)
            self.loop(loop, "clear")
            self.take()

    def secures(self, mover: str = "a") -> None:
        """The row is secured, as ordered."""
        assert self.state(mover) == "securing"
        self.row(mover, "raised")
        self.ends(Life.CONFIRMED, mover)

    def person(self, mover: str = "a") -> None:
        """Somebody else's order to `mover` is accepted."""
        self.take(TookOver(mover, "o1"))

    def end(self) -> None:
        self.take(Ended("by a person"))


def lane(form: Form = Form.SINGLE, *rows: str, hold_s: float | None = None) -> Lane:
    """Return a lane whose rows are raised and whose loops have long been clear, and a passage that has begun."""
    names = rows or ("a",)
    hold_until = None if hold_s is None else 100.0 + hold_s
    found = Lane(Passage(id="p", form=form, legs=tuple(Leg(mover=name) for name in names), hold_until=hold_until))
    for name in names:
        found.row(name, "raised")
        for loop in loops_of(name):
            found.loop(loop, "clear", since=0.0)
    found.take()
    return found


def opened() -> Lane:
    """Return a lane whose row stands open."""
    found = lane()
    found.opens()
    return found


def securing() -> Lane:
    """Return one whose row is being secured behind a vehicle."""
    found = opened()
    found.vehicle()
    found.take(after_s=1.0)
    return found


def returned() -> Lane:
    """Return one whose row came back open from something in its way."""
    found = securing()
    found.row("a", "lowered")
    found.ends(Life.FAILED, "a", "R10 edge pressed")
    return found
