"""MPH radar frames: seven bytes, one every 250 ms, no checksum; only the shape tells a frame from noise.

    STX  status  patrol  target  lock  alt  ETX       (1200 8N1; speeds 4-255, less means none)

Status: bit 7 always set, 0 low voltage, 1 radio interference, 2 front antenna, 3 rear antenna (none: standby, both:
self-test), 4 moving mode, 5 alternative target present, 6 opposite direction.
Source: MPH Industries, radar protocol. The DS4 (manual p. 4): approaching speed in byte 4, range / 10 ft in byte 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.readings import Value

STX, ETX, LENGTH = 0x02, 0x03, 7
ALWAYS_SET = 0x80
SLOWEST = 4
# Seven bytes last 58 ms at 1200 baud and frames come every 250 ms: a rest that is older belongs to no frame to come.
FRAME_S = 0.15
# A radar in self-test may be silent for this long (R28).
SELF_TEST_S = 8.0


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole frame; speeds are in the unit that the radar is set to."""

    status: int
    patrol: int
    target: int
    lock: int
    alt: int

    @property
    def antennas(self) -> int:
        """How many antennas the status names: 0 standby, 1 measuring, 2 self-test."""
        return (self.status >> 2 & 1) + (self.status >> 3 & 1)

    @property
    def measuring(self) -> bool:
        """Whether the speeds come from traffic and from an undisturbed receiver."""
        return self.antennas == 1 and not self.status & 0b11

    def fields(self) -> Mapping[str, Value]:
        """Return every field by the name that a profile row uses."""
        return {
            "target": self.target,
            "patrol": self.patrol,
            "lock": self.lock,
            "alt": self.alt,
            "low_voltage": self._bit(0),
            "rfi": self._bit(1),
            "standby": self.antennas == 0,
            "self_test": self.antennas == 2,
            "moving": self._bit(4),
            "alternative": self._bit(5),
            "opposite": self._bit(6),
        }

    def _bit(self, number: int) -> bool:
        return bool(self.status >> number & 1)


SPEEDS = frozenset({"target", "patrol", "lock", "alt"})


class Decoder:
    """Takes bytes as they come and gives whole frames; `rejected` counts what began like a frame and was none (R28)."""

    def __init__(self) -> None:
        self.rejected = 0
        self.skipped = 0
        self._rest = bytearray()
        self._since = 0.0

    def feed(self, data: bytes, at: float) -> list[Frame]:
        """Return the frames that `data`, arrived at `at` (monotonic seconds), completes."""
        if self._rest and at - self._since > FRAME_S:
            self.rejected += 1
            self._rest.clear()
        if not self._rest:
            self._since = at
        self._rest += data
        frames = []
        while self._align() and len(self._rest) >= LENGTH:
            frame = _parse(bytes(self._rest[:LENGTH]))
            if frame is None:
                # Only the STX goes: a real one may stand among the six bytes behind it.
                self.rejected += 1
                del self._rest[:1]
            else:
                frames.append(frame)
                del self._rest[:LENGTH]
            self._since = at
        return frames

    def _align(self) -> bool:
        start = self._rest.find(STX)
        noise = len(self._rest) if start < 0 else start
        self.skipped += noise
        del self._rest[:noise]
        return start >= 0


def _parse(raw: bytes) -> Frame | None:
    if raw[0] != STX or raw[-1] != ETX or not raw[1] & ALWAYS_SET:
        return None
    speeds = (byte if byte >= SLOWEST else 0 for byte in raw[2:6])
    return Frame(raw[1], *speeds)
