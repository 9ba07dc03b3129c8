"""Something that may be wrong with a thing, for a while, from more than one cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Ill(Generic[T]):
    """`now` is the sound value, or that of the latest wrong that still lasts."""

    __slots__ = ("_wrongs", "now")

    def __init__(self, sound: T) -> None:
        self.now = sound
        self._wrongs: list[tuple[T]] = [(sound,)]

    def begin(self, value: T) -> Callable[[], None]:
        """Let it be wrong; call what this returns, once, to end it."""
        wrong = (value,)
        self._wrongs.append(wrong)
        self.now = value

        def end() -> None:
            # By identity: another cause may give the same value.
            self._wrongs = [other for other in self._wrongs if other is not wrong]
            self.now = self._wrongs[-1][0]

        return end
