"""What nobody knows, times above all: every question about it is answered both ways, one run after the other.

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
        self._facts: dict[tuple[object, ...], bool] = {}

    def outcomes(self, run: Callable[[], T]) -> Iterator[T]:
        """Return what `run` gives, once for every way in which its questions can be answered."""
        self._script = []
        while True:
            self._answers, self._over, self._facts = [], {}, {}
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
        return self.holds(one, other)

    def holds(self, *fact: object) -> bool:
        """Tell whether `fact`, of which nobody knows, is so."""
        if fact not in self._facts:
            self._facts[fact] = self._answer()
        return self._facts[fact]

    def doubt(self, *fact: object) -> Any:
        """Return whether `fact` is so, to be asked where it decides."""
        return Doubt(lambda: self.holds(*fact))

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


class Anything(str):
    """A word that is not known: whether it is the one that it is compared with, is answered both ways."""

    oracle: Oracle

    def __new__(cls, oracle: Oracle, what: str) -> Anything:
        """Make the word that stands for `what`; it is not empty."""
        made = super().__new__(cls, what)
        made.oracle = oracle
        return made

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Anything) or not other:
            return str.__eq__(self, other)
        return self.oracle.holds(str(self), other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


class Stamp(float):
    """A time that is not known. It can be shifted by seconds and compared with `NOW`, or `NOW` reckoned from it; that is all."""

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
        raise TypeError(f"how long it is until {self.name} cannot be told: it is not a question of yes or no")

    def __rsub__(self, other: float) -> Elapsed:
        if other != NOW:
            raise TypeError(f"{self.name} can be reckoned from NOW only")
        return Elapsed(self)

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


class Elapsed(float):
    """How long ago a time was. Whether it is at least so many seconds is all that can be asked of it."""

    since: Stamp

    def __new__(cls, since: Stamp) -> Elapsed:
        """Make the seconds since `since`."""
        made = super().__new__(cls, 0.0)
        made.since = since
        return made

    def __ge__(self, seconds: float) -> Any:
        return self.since + seconds <= NOW

    def __lt__(self, seconds: float) -> Any:
        return self.since + seconds > NOW

    def __gt__(self, seconds: float) -> Any:
        return self.since + seconds < NOW

    def __le__(self, seconds: float) -> Any:
        return self.since + seconds >= NOW

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return hash(self.since)
