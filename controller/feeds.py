"""From a wire's looks at its units to the mailboxes of the devices: what is new goes on at once, what is not only before it ages.

Nothing follows from a reading that says what the last one said, but that it is younger. A device at rest gets it when half of
the time for which it counts (`max_age_s`) would else be over by the next look: the other half is left for a look that comes late.
It is no event then, and nothing is decided anew: what hangs on the time wakes the device by itself.
So a device may take its readings for older than they are, by half of their age at most, never for younger (R28).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from controller.core import kinds
from controller.core.device import Sampled
from controller.core.readings import Look, Readings, Value
from controller.runner import Runner


class Feed:
    """What one unit gives one device: `wiring` pairs the unit's points with the device's signals."""

    def __init__(self, runner: Runner, wiring: Sequence[tuple[str, str]], poll_s: float) -> None:
        self.runner = runner
        self._wiring = tuple(wiring)
        ages = [runner.device.spec.inputs[signal] for _, signal in wiring]
        self._keeps_s = min(ages, default=math.inf) / 2 - poll_s
        self._found: object = None
        self._values: list[Value | None] | None = None
        self._renew_at = -math.inf

    def take(self, readings: Readings) -> None:
        """Pass on what there is for the device, unless it is known there and still young."""
        if isinstance(readings, Look):
            known = self._known(readings)
            if known and readings.taken < self._renew_at and kinds.settled(self.runner.device):
                return
            self._renew_at = readings.taken + self._keeps_s
        else:
            known = False
            self.forget()
        mine = {signal: readings[point] for point, signal in self._wiring if point in readings}
        if mine and not (known and self.runner.renew(mine)):
            self.runner.post(Sampled(mine))

    def forget(self) -> None:
        """Pass on the next look whatever it says: the unit was lost or has come back, or its readings are in doubt."""
        self._found, self._values = None, None

    def _known(self, look: Look) -> bool:
        if look.found is self._found:
            return True
        before, self._found = self._values, look.found
        self._values = [look.found.get(point) for point, _ in self._wiring]
        return self._values == before
