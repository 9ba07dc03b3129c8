"""A reading is a value, how far it can be trusted, and when the wire gave it. Only the wire makes one younger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

Value = bool | int | float | str


class Quality(StrEnum):
    """How far a value can be trusted (OPC UA's three bands)."""

    GOOD = "good"
    UNCERTAIN = "uncertain"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value off a wire.

    `taken` is monotonic seconds, never later than the moment the peer answered for this value.
    A value of None is always of bad quality.
    """

    value: Value | None
    quality: Quality
    taken: float

    def age(self, now: float) -> float:
        """Return the seconds since the wire gave this value."""
        return now - self.taken

    def trusted(self, now: float, max_age_s: float) -> bool:
        """Tell whether a decision may rest on this reading at `now`."""
        return self.value is not None and self.quality is Quality.GOOD and now < self.taken + max_age_s


_GOOD = Quality.GOOD

Readings = Mapping[str, Reading]


def good(value: Value, taken: float) -> Reading:
    """Make a reading of good quality."""
    return Reading(value, Quality.GOOD, taken)


def bad(taken: float) -> Reading:
    """Make the reading of a point that was asked for and gave nothing usable."""
    return Reading(None, Quality.BAD, taken)


def truth(reading: Reading | None, now: float, max_age_s: float) -> bool | None:
    """Read a contact three-valued: None where it is absent, stale or not of good quality."""
    # As `Reading.trusted`, without the call: nothing is asked so often.
    if reading is None or reading.value is None or reading.quality is not _GOOD or now >= reading.taken + max_age_s:
        return None
    return bool(reading.value)


class Look(Mapping[str, Reading]):
    """The readings of one look at a unit: `found` holds their values, all asked for at `taken` (monotonic s) or later.

    Two looks that found the same may share `found`, so that `is` tells cheaply that nothing has changed. A reading is made when
    somebody wants it; a value of None is one of bad quality.
    """

    __slots__ = ("found", "taken")

    def __init__(self, found: Mapping[str, Value | None], taken: float) -> None:
        self.found, self.taken = found, taken

    def __getitem__(self, name: str) -> Reading:
        value = self.found[name]
        return bad(self.taken) if value is None else good(value, self.taken)

    def __contains__(self, name: object) -> bool:
        return name in self.found

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)
