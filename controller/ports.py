"""The narrow protocols between core, shell and drivers, and the one tree of errors.

    RempartError
    ├── Expired            the deadline passed before a byte went out: nothing was sent
    ├── Withdrawn          whoever asked has taken it back before a byte went out: nothing was sent
    ├── JournalUnavailable the record could not be made durable
    └── LinkError          something on a wire; names the wire and the unit
        ├── Unreachable    no connection, or it went before a byte was sent: nothing was sent
        ├── Mute           a request went out and no (whole) answer came in time: a write's outcome is unknown
        ├── Refusing       the peer answered that it will not: a write did not happen
        ├── Garbled        the answer does not fit the request: a write's outcome is unknown
        └── Stranger       the peer is not the device that the profile describes

After Unreachable, Mute, Garbled and Stranger the unit counts as closed and must be opened anew; after Refusing it stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from controller.core.readings import Readings, Value
from controller.core.said import said


class RempartError(Exception):
    """The root of what rempart raises on purpose."""

    @property
    def told(self) -> str:
        """Return what it says; a sentence of rempart's own stays one that can be translated, which `str` makes no more."""
        return self.args[0] if self.args and isinstance(self.args[0], str) else str(self)


class Expired(RempartError):
    """The deadline passed before a byte went out; with `part` of the rest, when earlier requests were acknowledged already."""

    def __init__(self, detail: str, *, part: bool = False) -> None:
        super().__init__(detail)
        self.part = part


class Withdrawn(RempartError):
    """It was taken back before a byte went out; with `part` of the rest, when earlier requests were acknowledged already."""

    def __init__(self, detail: str, *, part: bool = False) -> None:
        super().__init__(detail)
        self.part = part


class JournalUnavailable(RempartError):
    """The journal could not make a record durable: disk full, no permission, file damaged."""


class LinkError(RempartError):
    """Something went wrong on the wire `link` while speaking to `unit`; with `part` after earlier requests were acknowledged."""

    def __init__(self, link: str, unit: str, detail: str, *, part: bool = False) -> None:
        super().__init__(said("{link}/{unit}: {detail}", link=link, unit=unit, detail=detail))
        self.link, self.unit, self.detail, self.part = link, unit, detail, part


class Unreachable(LinkError):
    """No connection: nothing was sent."""


class Mute(LinkError):
    """A request went out and no whole answer came in time: the outcome of a write is unknown."""


class Refusing(LinkError):
    """The peer answered that it will not do it."""


class Garbled(LinkError):
    """The answer does not fit the request: the outcome of a write is unknown."""


class Stranger(LinkError):
    """The peer is not the device that the profile describes."""


class PointType(StrEnum):
    """How a raw value on the wire is laid out; 32-bit values span two registers, high word first unless the row says so."""

    BOOL = "bool"
    U16 = "u16"
    I16 = "i16"
    U32 = "u32"
    I32 = "i32"
    F32 = "f32"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Point:
    """One named value of a unit. `address` means something to the unit's driver only.

    Engineering value = raw * scale, in `unit`; a point with `equals` is a contact that is true while the raw value equals it.
    """

    name: str
    address: Hashable
    type: PointType = PointType.BOOL
    scale: float = 1.0
    equals: Value | None = None
    writable: bool = False
    max_age_s: float = 1.0
    unit: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """One addressable thing on a wire: an I/O coupler, a loop detector, a PLC, a counter.

    `address` is its Modbus unit id or MQTT topic; None where the wire has a single peer.
    `identity` lists points whose value must be exactly this for the peer to be who the profile says.
    `options` are the profile's hints to the driver (dialect, read gap …).
    """

    name: str
    link: str
    address: int | str | None
    points: Mapping[str, Point]
    identity: Mapping[str, Value] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


Wanted = Callable[[], bool]
"""Tells whether whoever asked for a write still wants it."""


def always() -> bool:
    """Want it whatever happens."""
    return True


Identity = Mapping[str, Value]
Sink = Callable[[Readings], None]


class Link(Protocol):
    """One wire. Nothing is retried, cached or decided here; a unit has no more requests in flight than its profile says.

    Deadlines are absolute `loop.time()` seconds. A caller that is cancelled leaves the wire usable: the request in flight
    is finished or the connection dropped, and no later answer is ever taken for another request's.
    """

    async def open(self, unit: Unit, deadline: float) -> Identity:
        """Connect the wire if it is not, and prove that `unit` is what its profile says.

        Raises Unreachable, Mute, Refusing, Garbled, Stranger.
        """
        ...

    async def read(self, unit: Unit, points: tuple[Point, ...], deadline: float) -> Readings:
        """Read `points`, contiguous ones in one request; a reading's `taken` is when its request was sent.

        A point that the peer answers for with bad status has a reading of bad quality.
        Raises Unreachable, Mute, Refusing, Garbled; Expired when `deadline` passed before sending.
        """
        ...

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        """Write in the order given, contiguous points of one table in one request; returning means the peer acknowledged.

        The deadline is checked, and `wanted` asked, at the moment of each sending: Expired and Withdrawn mean that nothing (more)
        of it went out. Any error after a request of it was acknowledged has `part` set, since the order as a whole is neither
        done nor not done. Raises Expired, Withdrawn, Unreachable, Mute, Refusing, Garbled.
        """
        ...

    async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
        """Hand pushed readings to `sink` until cancelled or the wire is lost; raises as `read` does.

        A protocol that does not push returns at once.
        """
        ...

    async def close(self) -> None:
        """Release the wire and every socket or port of it; never raises."""
        ...


class Listener(Protocol):
    """Who hears what a wire gives. Called in the endpoint's task; must not block."""

    def heard(self, unit: str, readings: Readings) -> None:
        """Readings came from `unit`."""

    def up(self, unit: str, identity: Identity) -> None:
        """`unit` is open and has proven who it is."""

    def down(self, unit: str, error: LinkError) -> None:
        """`unit` no longer answers, or never did; said once until it is up again."""

    def expired(self, unit: str) -> None:
        """The watchdog of `unit` expired while it could not be reached: it is about to be armed, and then up (R26)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written down: `kind` of event, where (`device`, or "" for the site), which command, and the particulars."""

    kind: str
    device: str = ""
    command: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """An entry in the journal: gap-free number, RFC 3339 UTC time, and the hash that chains it to its predecessor (R37)."""

    seq: int
    at: str
    entry: Entry
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which records are looked for: with a number above `after` and, unless that is 0, below `before`.

    `command` is the id of an order or a passage. `text` stands anywhere in the device, the command or the body as it is stored;
    upper and lower case of a to z are the same. With `newest` it is the last `limit` of them.
    """

    after: int = 0
    before: int = 0
    limit: int = 100
    device: str = ""
    kind: str = ""
    command: str = ""
    text: str = ""
    newest: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found, oldest first; `reached` is the last number it looked at, None where nothing further is left."""

    records: Sequence[Record]
    reached: int | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at a part of the chain has found: it holds up to record `seq` with `hash`; `ended` tells whether that is all.

    Where it is not `ok`, the record after `seq` does not follow, and `why` says how.
    """

    ok: bool
    seq: int
    hash: str
    ended: bool
    why: str = ""


class Journal(Protocol):
    """Append-only, gap-free, hash-chained (R37)."""

    async def append(self, *entries: Entry) -> Sequence[Record]:
        """Return when all `entries` are durable, in order. Raises JournalUnavailable; then none of them was recorded."""
        ...

    def note(self, *entries: Entry) -> None:
        """Write down soon and in order, without waiting; a failure shows in `healthy`."""
        ...

    async def of_command(self, command: str) -> Sequence[Record]:
        """Return every record of one command id over the whole life of the journal, oldest first."""
        ...

    async def select(
        self, after: int = 0, limit: int = 1000, *, device: str = "", kind: str = "", newest: bool = False
    ) -> Sequence[Record]:
        """Return records with a number above `after`, oldest first; with `newest` the last `limit` of them."""
        ...

    async def search(self, wanted: Search) -> Found:
        """Look for records, at a bounded number of them: what is left is another search. Raises JournalUnavailable."""
        ...

    async def check(self, after: int, hash: str) -> Checked:
        """Check the next part of the chain, of bounded length, after a record with its hash. Raises JournalUnavailable."""
        ...

    @property
    def healthy(self) -> bool:
        """Whether the last attempt to write succeeded."""
        ...

    @property
    def trouble(self) -> str:
        """What is wrong and what to do about it; empty while healthy."""
        ...
