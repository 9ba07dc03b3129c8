"""Whole frames out of the bytes of a device that talks by itself: nothing but their form tells them from noise.

A form says what each byte of a frame may be. Bytes with which no frame can begin go, one by one, until one can: after noise or a
cut frame the decoder is in step again with the first frame that is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from controller.core.readings import Value

Place = frozenset[int]
"""What one byte of a frame may be."""

ANY: Place = frozenset(range(256))
BYTE_S = 0.02
"""A frame may take this long for each byte. At 1200 baud, the slowest line, one lasts 8.3 ms; the rest is for the adapter."""

_CLASSES: Mapping[str, Place] = {
    "±": frozenset(b"+-"),
    "#": frozenset(b"0123456789"),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What one frame tells by the names that profile rows use; None where it does not tell.

    The `doubtful` are told, but not measured undisturbed. `silence_s`: for how long the device may now be silent.
    """

    fields: Mapping[str, Value | None]
    doubtful: frozenset[str] = field(default=frozenset())
    silence_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a frame; `read` is given bytes that all have their places in it."""

    places: tuple[Place, ...]
    read: Callable[[bytes], Frame]

    def begins(self, data: bytes | bytearray) -> bool:
        """Tell whether `data` begins with such a frame, or with as much of one as there is of it."""
        return all(byte in place for byte, place in zip(data, self.places, strict=False))


def spelled(pattern: str, others: Mapping[str, bytes] | None = None) -> tuple[Place, ...]:
    """Return the places of a frame of text: `#` a digit, `±` a sign, `others` by their letter, all else as it stands."""
    classes = {**_CLASSES, **{letter: frozenset(may) for letter, may in (others or {}).items()}}
    return tuple(classes[c] if c in classes else frozenset(c.encode("ascii")) for c in pattern)


class Decoder:
    """Takes bytes as they come and gives whole frames of some forms, none of which begins like the whole of another.

    `rejected` counts what began like a frame and was none (R28), `skipped` the bytes with which none begins.
    """

    def __init__(self, forms: tuple[Form, ...]) -> None:
        self.rejected = 0
        self.skipped = 0
        self.frame_s = BYTE_S * max(len(form.places) for form in forms)
        self._forms = forms
        self._firsts = frozenset().union(*(form.places[0] for form in forms))
        self._rest = bytearray()
        self._came: list[float] = []

    @property
    def dropped(self) -> int:
        """Return how much was neither a frame nor part of one."""
        return self.rejected + self.skipped

    def feed(self, data: bytes, at: float) -> list[Frame]:
        """Return the frames that `data`, arrived at `at` (monotonic seconds), completes."""
        self._rest += data
        self._came += [at] * len(data)
        frames = []
        while self._rest:
            too_old = at - self._came[0] > self.frame_s
            form = None if too_old else next((form for form in self._forms if form.begins(self._rest)), None)
            if form is None:
                # Only the first byte goes: a real frame may begin with any of those behind it.
                began = self._take(1)[0] in self._firsts
                self.rejected, self.skipped = self.rejected + began, self.skipped + (not began)
            elif (length := len(form.places)) > len(self._rest):
                break
            else:
                frames.append(form.read(self._take(length)))
        return frames

    def _take(self, count: int) -> bytes:
        taken = bytes(self._rest[:count])
        del self._rest[:count], self._came[:count]
        return taken
