"""What may be wrong with steel and its drive."""

from __future__ import annotations

from simulators.ill import Ill

ENDS = ("raised", "lowered")


class Ills:
    """All of it, sound at first. Positions are 0 lowered to 1 raised, parts are of the whole travel, seconds simulated."""

    def __init__(self, members: int) -> None:
        self.strength = [Ill(1.0) for _ in range(members)]
        """Of each member's speed, what is left."""
        self.ends_at: Ill[float | None] = Ill(None)
        """Where steel stays once it is there."""
        self.sinks = Ill(0.0)
        """Part of the travel that steel at rest sinks each second."""
        self.coasts_s = Ill(0.0)
        self.starts = Ill(0)
        """Which way the drive pushes without an order, +1 or -1."""
        self.released = Ill(False)
        self.turned = Ill(False)
        self.pushed: Ill[float | None] = Ill(None)
        """Where somebody holds it."""
        self.early = {end: Ill(0.0) for end in ENDS}
        """Part of the travel before the end at which its limit switch is made already."""
        self.late_s = {end: Ill(0.0) for end in ENDS}
        self._last_push = 0
        self._pushed_until = 0.0

    def driven(self, push: int) -> int:
        """Return which way a drive that could push really pushes."""
        if self.starts.now:
            return self.starts.now
        return -push if self.turned.now else push

    def coasted(self, now: float, push: int) -> int:
        """Return which way steel goes when its drive pushes so, for it may not stop at once."""
        if push:
            self._last_push, self._pushed_until = push, now
        elif self.coasts_s.now and now - self._pushed_until < self.coasts_s.now:
            return self._last_push
        return push

    def moved(self, before: float, after: float) -> float:
        """Return where steel stops that would go from one place to another."""
        stop = self.ends_at.now
        if stop is not None and (before - stop) * (after - stop) <= 0:
            return stop
        return after
