"""A limit switch bounces for some tens of milliseconds when it makes or breaks."""

from __future__ import annotations

from random import Random


class LimitSwitch:
    """The contact of one end position."""

    def __init__(self, rng: Random, bounce_s: float, made: bool) -> None:
        self._rng = rng
        self._bounce_s = bounce_s
        self._made = made
        self._flips: list[float] = []
        self._since = 0.0

    def read(self, now: float, made: bool, late_s: float = 0.0) -> bool:
        """Return the contact at `now`, where `made` is what it settles to, once it was so for `late_s`."""
        if not made:
            self._since = now
        elif now - self._since < late_s:
            made = False
        if made != self._made:
            self._made = made
            # An odd count of further flips would leave it settled wrong: each is one out and one back.
            pairs = self._rng.randint(1, 3)
            self._flips = sorted(now + self._rng.uniform(0, self._bounce_s) for _ in range(2 * pairs))
        if self._flips:
            self._flips = [flip for flip in self._flips if flip > now]
        return self._made ^ bool(len(self._flips) % 2)
