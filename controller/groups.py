"""Orders for zones: each ends when all the orders that it was divided into have, confirmed only if every one was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from controller.core.command import Life
from controller.core.device import Progress
from controller.core.modes import NOTHING
from controller.core.said import said, together, word


@dataclass(slots=True)
class _Group:
    members: int
    answered: bool = False
    ended: dict[str, tuple[Life, str]] = field(default_factory=dict)


class Groups:
    """Those under way. `follow` hears how one ends."""

    def __init__(self, follow: Callable[[Progress], object]) -> None:
        self._follow = follow
        self._groups: dict[str, _Group] = {}
        self._group_of: dict[str, str] = {}

    def begin(self, order: str, members: Iterable[str]) -> None:
        """Let `order` go on until its members, ids of orders too, have ended."""
        parents = dict.fromkeys(members, order)
        self._groups[order] = _Group(len(parents))
        self._group_of.update(parents)

    def ended(self, device: str, progress: Progress) -> None:
        """Take note of the end of an order for one device; of no consequence where it is no member, or has ended before."""
        parent = self._group_of.pop(progress.order, None)
        if parent is not None and (group := self._groups.get(parent)) is not None:
            group.ended[device] = (progress.life, progress.because)
            self._end(parent)

    def answer(self, order: str, answer: Progress) -> None:
        """Tell what was decided of `order`: refused by every member, or accepted, and ended if they all have."""
        self._follow(answer)
        if answer.life.ended:
            del self._groups[order]
            return
        self._groups[order].answered = True
        self._end(order)

    def _end(self, order: str) -> None:
        group = self._groups.get(order)
        if group is None or not group.answered or len(group.ended) < group.members:
            return
        ends = group.ended.items()
        others = [
            said("{device} {life}: {why}", device=device, life=word(life), why=because)
            for device, (life, because) in ends
            if life is not Life.CONFIRMED
        ]
        outcome = Progress(order, Life.CONFIRMED, _all_done([because for _, because in group.ended.values()]))
        if others:
            outcome = Progress(order, Life.FAILED, together(others))
        del self._groups[order]
        self._follow(outcome)


def _all_done(told: Sequence[str]) -> str:
    """Say of a zone whose every member was confirmed what that means."""
    done = not all(because.startswith(NOTHING) for because in told)
    return said("every member's feedback shows it") if done else together(list(dict.fromkeys(told)))
