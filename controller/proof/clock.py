"""Times that nobody knows: every question about one is answered both ways, one run after the other.

The logic of a device asks of its timers only whether they are over (`now >= since + settle_s`). A `Stamp` stands where a time
stood, and hands that question to the `Oracle`, which answers yes in one run of the logic and no in the next. Within one run it
does not contradict itself: what is over after three seconds was over after one. So whatever the real clock would have said,
one of the runs went that way; runs that no clock would allow are explored too, which can only show too much.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

NOW = 1000.0
"""The instant of every step of the exploration."""

LATER = 1e9
"""What a stamp is worth where only an order of waking times is made of it."""

T = TypeVar("T")


class Oracle:
    """Answers the questions of one run, by a script as far as it goes, then with yes."""

    def __init__(self) -> None:
        self._script: list[bool] = []
        self._answers: list[bool] = []
        self._over: dict[str, tuple[float, float]] = {}
        self._pairs: dict[tuple[object, ...], bool] = {}

    def outcomes(self, run: Callable[[], T]) -> Iterator[T]:
        """Return what `run` gives, once for every way in which its questions can be answered."""
        self._script = []
        while True:
            self._answers, self._over, self._pairs = [], {}, {}
            yield run()
            script = self._answers
            while script and not script[-1]:
                script.pop()
            if not script:
                return
            self._script = [*script[:-1], False]

    def over(self, name: str, after_s: float) -> bool:
        """Tell whether more than `after_s` seconds have passed since the time `name`."""
        passed, open_ = self._over.get(name, (-math.inf, math.inf))
        if after_s <= passed or after_s >= open_:
            return after_s <= passed
        answer = self._answer()
        self._over[name] = (after_s, open_) if answer else (passed, after_s)
        return answer

    def later(self, one: tuple[object, ...], other: tuple[object, ...]) -> bool:
        """Tell whether the time `one` is later than `other`."""
        pair = (one, other)
        if pair not in self._pairs:
            self._pairs[pair] = self._answer()
        return self._pairs[pair]

    def _answer(self) -> bool:
        at = len(self._answers)
        answer = self._script[at] if at < len(self._script) else True
        self._answers.append(answer)
        return answer


class Doubt:
    """An answer that the oracle is asked for only where the logic needs it: where it decides."""

    __slots__ = ("_ask", "_no")

    def __init__(self, ask: Callable[[], bool], *, no: bool = False) -> None:
        self._ask, self._no = ask, no

    def __bool__(self) -> bool:
        return self._ask() is not self._no

    def __eq__(self, other: object) -> bool:
        return bool(self) == other

    def __hash__(self) -> int:
        return hash(bool(self))


class Stamp(float):
    """A time that is not known. It can be shifted by seconds and compared with `NOW`; nothing else can be made of it."""

    name: str
    shift: float
    oracle: Oracle

    def __new__(cls, oracle: Oracle, name: str, shift: float = 0.0) -> Stamp:
        """Make the time `name`, `shift` seconds later."""
        made = super().__new__(cls, LATER)
        made.oracle, made.name, made.shift = oracle, name, shift
        return made

    @property
    def mark(self) -> tuple[object, ...]:
        """Return what tells this time from others."""
        return (self.name, self.shift)

    def __add__(self, seconds: float) -> Stamp:
        return Stamp(self.oracle, self.name, self.shift + seconds)

    __radd__ = __add__

    def __sub__(self, other: float) -> float:
        raise TypeError(f"how long it is since {self.name} cannot be told: it is not a question of yes or no")

    __rsub__ = __sub__

    def _over(self, other: float, *, no: bool) -> Any:
        """Answer whether this time is over at `other`, or with `no` whether it is not."""
        if isinstance(other, Stamp):
            return Doubt(lambda: self.mark == other.mark or self.oracle.later(other.mark, self.mark), no=no)
        if other == NOW:
            return Doubt(lambda: self.oracle.over(self.name, self.shift), no=no)
        return (other >= LATER) is not no

    def __le__(self, other: float) -> Any:
        return self._over(other, no=False)

    def __lt__(self, other: float) -> Any:
        # Which of two unknown times comes first is asked by `min`, for the waking time alone, which is not looked at here.
        return self.mark < other.mark if isinstance(other, Stamp) else self._over(other, no=False)

    def __gt__(self, other: float) -> Any:
        return self._over(other, no=True)

    def __ge__(self, other: float) -> Any:
        return self._over(other, no=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stamp) and self.mark == other.mark

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.mark)
