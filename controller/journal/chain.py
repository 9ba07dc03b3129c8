"""The chain as values: canonical JSON, the hash of a record, and the check of a whole journal. Pure.

A record's hash is the SHA-256 of the UTF-8 text

    [seq,"at","kind","device","command",{body},"hash of the record before"]

without blanks, with the body's keys sorted by code point. The body is hashed as it is stored, character for character, so
that no reader has to print numbers as we do. The first record's predecessor is 64 zeros.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from controller.ports import Entry, Record


class Row(NamedTuple):
    """A record as it is stored: one column a field."""

    seq: int
    at: str
    kind: str
    device: str
    command: str
    body: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last record of a journal: whoever remembers it elsewhere can prove later that nothing before it was changed."""

    seq: int
    hash: str


START = Head(0, "0" * 64)


class Draft(NamedTuple):
    """An entry as it stood when it was handed in; a later change of its body does not reach the journal."""

    at: str
    kind: str
    device: str
    command: str
    body: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a journal found: how many records follow from one another, the first that does not, and why.

    `head` is the last good record.
    """

    ok: bool
    records: int
    first_bad_seq: int | None
    why: str
    head: Head = START


def draft(entry: Entry, at: datetime) -> Draft:
    """Freeze `entry` as of `at`, an aware time."""
    return drafts((entry,), at)[0]


def drafts(entries: Iterable[Entry], at: datetime) -> tuple[Draft, ...]:
    """Freeze `entries` as of `at`, an aware time."""
    when = label(at)
    return tuple(
        Draft(when, storable(entry.kind), storable(entry.device), storable(entry.command), canonical(entry.body))
        for entry in entries
    )


def label(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds, so that labels sort as text; raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()}: a journal time needs a time zone; give datetime.now(UTC)")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def canonical(body: Mapping[str, Any]) -> str:
    """The one JSON text of `body`. Never refuses: what JSON cannot say is said as text."""
    return storable(_ENCODER.encode(_plain(body)))


def storable(text: str) -> str:
    r"""`text` as valid UTF-8: a lone surrogate (JSON from outside may carry one) becomes its escape, \udc80."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_SIMPLE = frozenset({str, int, bool, type(None)})
"""What JSON says as it is; nearly everything in a body is of these."""


def _plain(value: Any) -> Any:
    if type(value) in _SIMPLE:
        return value
    if type(value) is dict and all(type(key) is str for key in value):
        return {key: inner if type(inner) in _SIMPLE else _plain(inner) for key, inner in value.items()}
    return _made_plain(value)


def _made_plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(inner) for inner in value), key=str)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def _quoted(text: str) -> str:
    if not isinstance(text, str):  # a file that was tampered with may hold anything
        raise TypeError(f"expected text, found {type(text).__name__}")
    return str(encode_basestring(text))


def digest(previous: str, seq: int, fields: Draft | Row) -> str:
    """The hash of record `seq` after the record whose hash is `previous`; TypeError where a field is not text."""
    names = ",".join(map(_quoted, (fields.at, fields.kind, fields.device, fields.command)))
    if not isinstance(fields.body, str):
        raise TypeError(f"expected text, found {type(fields.body).__name__}")
    return hashlib.sha256(f"[{seq},{names},{fields.body},{_quoted(previous)}]".encode()).hexdigest()


def seal(head: Head, drafts: Iterable[Draft]) -> list[Row]:
    """Chain `drafts` to `head`, in order."""
    rows, seq, previous = [], head.seq, head.hash
    for one in drafts:
        seq, previous = seq + 1, digest(previous, seq + 1, one)
        rows.append(Row(seq, *one, previous))
    return rows


def to_record(row: Row) -> Record:
    """Give a stored row its meaning; raises ValueError when its body is not JSON."""
    return Record(row.seq, row.at, Entry(row.kind, row.device, row.command, json.loads(row.body)), row.hash)


def check(rows: Iterable[Row], remembered: Sequence[tuple[str, Head]] = (), start: Head = START) -> Verdict:
    """Walk `rows`, which come by rising number, from the first after `start` to the last; stop at the first that does not follow.

    `remembered`: heads that must lie on this chain, each with the words for where it was remembered.
    """
    head = start
    for row in rows:
        if why := _objection(head, row, remembered):
            return Verdict(False, head.seq, head.seq + 1, why, head)
        head = Head(row.seq, row.hash)
    for where, known in remembered:
        if known.seq > head.seq:
            why = f"records {head.seq + 1} to {known.seq} are missing at the end: {where} knows record {known.seq}"
            return Verdict(False, head.seq, head.seq + 1, why, head)
    return Verdict(True, head.seq, None, "", head)


def _objection(head: Head, row: Row, remembered: Sequence[tuple[str, Head]]) -> str:
    expected = head.seq + 1
    if row.seq != expected:
        return f"record {expected} is missing: after {head.seq} comes {row.seq}"
    try:
        fits = row.hash == digest(head.hash, row.seq, row)
    except (TypeError, UnicodeError) as error:
        return f"record {expected} cannot be read: {error}"
    if not fits:
        return (
            f"record {expected} does not fit its hash and the record before it: it or {head.seq} was changed, "
            "or another record stood between them"
        )
    for where, known in remembered:
        if known.seq == row.seq and known.hash != row.hash:
            return f"record {expected} is not the one that {where} knows: the chain was rewritten at or before it"
    return ""
