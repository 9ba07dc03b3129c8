"""What may be asked, and telling every mistake in it at once, each with its field."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar
from unicodedata import category

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from controller.api.answers import Problem
from controller.core import people
from controller.core.alarms import SHELVE_MAX_S

LARGEST = 2**63 - 1
"""The largest number that the journal can hold."""


_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories that would move a terminal's cursor, break a line, or cannot be written at all."""


def _one_line(text: str) -> str:
    if any(category(letter) in _UNSEEN for letter in text):
        raise ValueError("control characters and line breaks are not taken; write one line of text")
    return text


Line = Annotated[str, AfterValidator(_one_line)]


def _person(text: str) -> str:
    if not (name := people.written(text)):
        raise ValueError("empty: say who is behind it, or leave `by` out")
    return name


Name = Annotated[str, AfterValidator(_one_line), AfterValidator(_person)]
"""Of a person: the same with a blank too many; who is not named has no empty name."""


class CommandBody(BaseModel):
    """The body of a command."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._-]{1,64}$")
    target: Line = Field(min_length=1, max_length=128)
    action: Literal[
        "raise",
        "lower",
        "stop",
        "secure",
        "open",
        "lockdown",
        "release",
        "lock-out",
        "lift",
        "test",
        "end-test",
        "re-arm",
    ]
    reason: Line = Field(default="", max_length=500)
    expires_in_s: float | None = Field(
        default=None, gt=0, le=60, allow_inf_nan=False, description="5 if it is not given; 30 for a lockdown."
    )
    seen: int | None = Field(default=None, ge=0, le=LARGEST)
    by: Name = Field(
        default="", max_length=64, description="The person behind it, as the client says; lock-outs and tests need it."
    )
    hold: bool = Field(default=False, description="Move only while the order is renewed (R24).")


class ShelveBody(BaseModel):
    """The body of a shelving: for how long, and why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    for_s: float = Field(gt=0, le=SHELVE_MAX_S, allow_inf_nan=False)
    reason: Line = Field(min_length=3, max_length=500)
    by: Name = Field(default="", max_length=64, description="Who does it, as the client says.")


class RemoveBody(BaseModel):
    """The body that takes an alarm out of service: why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: Line = Field(min_length=3, max_length=500)
    by: Name = Field(default="", max_length=64, description="Who does it, as the client says.")


class NoteBody(BaseModel):
    """What may be said about an acknowledgement, or about bringing an alarm back."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: Line = Field(default="", max_length=500)
    by: Name = Field(default="", max_length=64, description="Who does it, as the client says.")


class PassageBody(BaseModel):
    """The body of a request for a passage."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._-]{1,64}$")
    target: Line = Field(min_length=1, max_length=128)
    direction: Literal["", "in", "out"] = ""
    by: Name = Field(default="", max_length=128)
    reason: Line = Field(default="", max_length=500)
    vehicle: Line = Field(default="", max_length=128)


class EndBody(BaseModel):
    """The body with which a passage is ended."""

    model_config = ConfigDict(extra="forbid", strict=True)

    by: Name = Field(default="", max_length=128)
    reason: Line = Field(default="", max_length=500)


class JournalQuery(BaseModel):
    """What of the journal is asked for. Its values come as text."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(default=0, ge=0, le=LARGEST)
    limit: int = Field(default=100, ge=1, le=1000)
    device: str = ""
    kind: str = ""
    newest: bool = False


M = TypeVar("M", bound=BaseModel)


def from_json(model: type[M], text: bytes) -> M:
    """Read a body. Raises Problem 422."""
    try:
        found = json.loads(text, object_pairs_hook=_without_twins, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise _invalid([{"field": "", "problem": f"not JSON: {why}"}]) from None
    return _checked(model, found)


def from_query(model: type[M], pairs: Sequence[tuple[str, str]]) -> M:
    """Read query parameters. Raises Problem 422."""
    twins = sorted({name for name, _ in pairs if [n for n, _ in pairs].count(name) > 1})
    if twins:
        raise _invalid([{"field": name, "problem": "given more than once"} for name in twins])
    return _checked(model, dict(pairs))


def invalid(field: str, what: str) -> Problem:
    """Make the answer to a mistake in one field."""
    return _invalid([{"field": field, "problem": what}])


def _checked(model: type[M], found: Any) -> M:
    if not isinstance(found, dict):
        raise invalid("", "expected a JSON object")
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise _invalid([_mistake(dict(e), model) for e in error.errors()]) from None


def _mistake(error: Mapping[str, Any], model: type[BaseModel]) -> dict[str, str]:
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return {"field": field, "problem": f"unknown field; expected {', '.join(model.model_fields)}"}
    what = error["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    return {"field": field, "problem": what[:1].lower() + what[1:]}


def _invalid(mistakes: list[dict[str, str]]) -> Problem:
    text = "; ".join(f"{m['field']}: {m['problem']}" if m["field"] else m["problem"] for m in mistakes)
    return Problem(422, "invalid", text, fields=mistakes)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field is given more than once")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not a number in JSON")
