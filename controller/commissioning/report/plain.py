"""A record as canonical JSON, and back. Pure.

The text is the one of the journal (`controller.journal.chain.canonical`): UTF-8, no blanks, keys sorted by code point. What comes
back is checked against the types of `record.py`, member by member: a key too many or too few, a text where a number belongs, or
a form of a later release are errors that name the place. Nothing is repaired.

    RempartError
    └── ReportError  a report, a record or a key cannot be used; says which, where, what was expected
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import types
import typing
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, NoReturn, TypeVar, cast

from controller.commissioning.record import Record
from controller.journal.chain import canonical
from controller.ports import RempartError

FORM = 1
MOST_NESTED = 64
_T = TypeVar("_T")


class ReportError(RempartError):
    """A report, a record or a key cannot be used."""


def text_of(record: Record) -> str:
    """Return the canonical JSON of `record`. Raises ReportError for a record that JSON cannot give back as it is."""
    text = canonical(dataclasses.asdict(record))
    from_plain(parse(text))
    return text


def fingerprint_of(record: Record) -> str:
    """Return the SHA-256 of the canonical JSON, in hexadecimal: what ties a page to its record."""
    return hashlib.sha256(text_of(record).encode()).hexdigest()


def parse(text: str, what: str = "record") -> Any:
    """Read JSON strictly: no key twice, no NaN, no infinity, no depth beyond reason. Raises ReportError."""
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        if _depth(value) > MOST_NESTED:
            raise ReportError(f"{what}: nested deeper than {MOST_NESTED}; a report is not")
    except RecursionError as error:
        raise ReportError(f"{what}: nested deeper than {MOST_NESTED}; a report is not") from error
    except ValueError as error:
        raise ReportError(f"{what}: not JSON: {error}; is it the right file, and whole?") from error
    return value


def from_plain(value: Any) -> Record:
    """Return the record that `value`, read from JSON, says. Raises ReportError."""
    if isinstance(value, Mapping) and isinstance(form := value.get("form"), int) and form != FORM:
        raise ReportError(
            f"record.form: {form}, this release of rempart reads form {FORM}; use the release that made it"
        )
    return read(Record, value, "record")


def read(cls: type[_T], value: Any, where: str) -> _T:
    """Return `value` as the frozen dataclass `cls`, every member of its declared type. Raises ReportError."""
    return cast("_T", _members(cls, value, where))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ReportError(f"key {twice!r} stands twice in one object; a report has each once")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _depth(value: Any) -> int:
    deepest, todo = 0, [(value, 1)]
    while todo:
        one, depth = todo.pop()
        deepest = max(deepest, depth)
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        todo += [(each, depth + 1) for each in inner]
    return deepest


@cache
def _types(cls: type) -> Mapping[str, Any]:
    return typing.get_type_hints(cls)


def _members(cls: type, value: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        _wrong(where, "an object", value)
    hints = _types(cls)
    if unknown := sorted(set(value) - set(hints)):
        raise ReportError(f"{where}.{unknown[0]}: unknown; expected only {', '.join(hints)}")
    if missing := [name for name in hints if name not in value]:
        raise ReportError(f"{where}.{missing[0]}: missing")
    return cls(**{name: _value(hint, value[name], f"{where}.{name}") for name, hint in hints.items()})


def _value(hint: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        inner = [each for each in typing.get_args(hint) if each is not types.NoneType]
        return None if value is None else _value(inner[0], value, where)
    if origin is tuple:
        return _tuple(typing.get_args(hint), value, where)
    if origin is not None:  # Mapping[str, …]
        return _mapping(typing.get_args(hint)[1], value, where)
    if dataclasses.is_dataclass(hint):
        return _members(cast("type", hint), value, where)
    return _scalar(hint, value, where)


def _tuple(hints: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        _wrong(where, "a list", value)
    if hints[-1] is Ellipsis:
        return tuple(_value(hints[0], one, f"{where}[{number}]") for number, one in enumerate(value))
    if len(value) != len(hints):
        _wrong(where, f"a list of {len(hints)}", value)
    return tuple(_value(hint, one, where) for hint, one in zip(hints, value, strict=True))


def _mapping(hint: Any, value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        _wrong(where, "an object", value)
    return {key: one if hint is Any else _value(hint, one, f"{where}.{key}") for key, one in value.items()}


def _scalar(hint: type, value: Any, where: str) -> Any:
    if issubclass(hint, Enum):
        if value not in [member.value for member in hint]:
            _wrong(where, f"one of {', '.join(str(member.value) for member in hint)}", value)
        return hint(value)
    if hint is float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            _wrong(where, "a number", value)
        return value
    if type(value) is not hint:
        _wrong(where, {str: "a text", int: "a whole number", bool: "true or false"}[hint], value)
    return value


def _wrong(where: str, expected: str, value: Any) -> NoReturn:
    shown = repr(value)
    raise ReportError(f"{where}: expected {expected}, found {shown if len(shown) < 60 else shown[:57] + '…'}")
