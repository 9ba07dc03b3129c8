"""The product of the devices of one component, explored breadth first, so that what it finds is as short as can be.

A state of the product is a block of each device, and which devices have not yet looked since what they see changed. In every
state any device may take any of its moves: that is every order in which mailboxes can be served.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from controller.proof.invariants import Broken, Rules, Shows
from controller.proof.lens import Glance, View
from controller.proof.quotient import Move, Quotient

State = tuple[tuple[int, ...], frozenset[str]]


@dataclass(frozen=True)
class Member:
    """One device of the product: its blocks, what each shows, who heeds it (as `Shows.glances` has them), whom it heeds."""

    name: str
    quotient: Quotient
    shows: Sequence[Shows]
    heeders: tuple[str, ...]
    heeded: tuple[str, ...]
    view: Callable[[Sequence[Glance]], View]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: `device` took `move` from block `before`, seeing `view`."""

    device: int
    before: int
    view: View
    move: Move


@dataclass
class Found:
    """What a search came to: how much it saw, and the path to the first invariant that does not hold."""

    states: int = 0
    transitions: int = 0
    broken: Broken | None = None
    path: list[Step] = field(default_factory=list)


@dataclass
class Search:
    """Explores the product of `members` for what breaks `rules`."""

    members: Sequence[Member]
    rules: Rules
    _looks: list[list[tuple[int, int]]] = field(init=False)
    _views: dict[tuple[int, ...], View] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note where each member finds what it sees of the others."""
        number = {member.name: i for i, member in enumerate(self.members)}
        self._looks = [
            [(number[name], self.members[number[name]].heeders.index(member.name)) for name in member.heeded]
            for member in self.members
        ]

    def run(self) -> Found:
        """Explore until nothing is new, or an invariant does not hold."""
        start: State = (tuple(m.quotient.block[0] for m in self.members), frozenset())
        came: dict[State, tuple[State, Step] | None] = {start: None}
        todo, found = deque([start]), Found()
        while todo:
            state = todo.popleft()
            at = self._at(state[0])
            for after, step in self._next(state):
                found.transitions += 1
                broken = self._clash(at, step)
                if after not in came:
                    came[after] = (state, step)
                    todo.append(after)
                    broken = broken or next(self.rules.broken(self._at(after[0]), after[1]), None)
                if broken is not None:
                    found.broken, found.path = broken, [*self._path(came, state), step]
                    found.states = len(came)
                    return found
        found.states = len(came)
        return found

    def _at(self, blocks: tuple[int, ...]) -> dict[str, Shows]:
        return {m.name: m.shows[b] for m, b in zip(self.members, blocks, strict=True)}

    def _next(self, state: State) -> Iterator[tuple[State, Step]]:
        blocks, late = state
        for i, member in enumerate(self.members):
            view = self._view(i, blocks)
            for move in member.quotient.moves[blocks[i]][view]:
                to, silent, _, _ = move
                after = late if silent else late - {member.name}
                before, behind = member.shows[blocks[i]].glances, member.shows[to].glances
                changed = {h for h, a, b in zip(member.heeders, before, behind, strict=True) if a != b}
                yield ((*blocks[:i], to, *blocks[i + 1 :]), after | changed), Step(i, blocks[i], view, move)

    def _view(self, i: int, blocks: tuple[int, ...]) -> View:
        looks = self._looks[i]
        key = (i, *(blocks[of] for of, _ in looks))
        if key not in self._views:
            glances = [self.members[of].shows[blocks[of]].glances[place] for of, place in looks]
            self._views[key] = self.members[i].view(glances)
        return self._views[key]

    def _clash(self, at: Mapping[str, Shows], step: Step) -> Broken | None:
        _, _, freed, writes = step.move
        if not any(level for _, level in writes):
            return None
        known = (*((name, False) for name in freed), *writes)
        return next(self.rules.clash(at, self.members[step.device].name, known), None)

    def _path(self, came: Mapping[State, tuple[State, Step] | None], state: State) -> list[Step]:
        steps: list[Step] = []
        while (last := came[state]) is not None:
            state, step = last
            steps.append(step)
        return steps[::-1]
