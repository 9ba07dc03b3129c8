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
from controller.people.credential import Credential

LARGEST = 2**63 - 1
"""The largest number that the journal can hold."""

SHORTEST_S = 0.5
"""How long an order lives at least: what is over before the journal was asked could only be told that nothing was done."""


_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories that would move a terminal's cursor, break a line, or cannot be written at all."""


def _one_line(text: str) -> str:
    if any(category(letter) in _UNSEEN for letter in text):
        raise ValueError("control characters and line breaks are not taken; write one line of text")
    return text


_MOVES = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
_BLANK = (
    r"\s\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb"
)
LINE_PATTERN = rf"^[^{_MOVES}]*$"
"""What is taken as one line, for schemas; the surrogates that no JSON text can hold are left out."""
NAME_PATTERN = rf"^[^{_MOVES}]*[^{_MOVES}{_BLANK}][^{_MOVES}]*$"
"""What is taken as a name, for schemas: a line in which something can be seen."""

Line = Annotated[str, AfterValidator(_one_line), Field(json_schema_extra={"pattern": LINE_PATTERN})]


def _person(text: str) -> str:
    if not (name := people.written(text)):
        raise ValueError("empty: say who is behind it, or leave `by` out")
    return name


def _leave_out(schema: dict[str, Any]) -> None:
    """Say how a name is written. What stands for none is no name: it cannot be sent."""
    schema.pop("default", None)
    schema["pattern"] = NAME_PATTERN


Name = Annotated[str, AfterValidator(_one_line), AfterValidator(_person), Field(json_schema_extra=_leave_out)]
"""Of a person: the same with a blank too many; who is not named has no empty name."""


HOLDABLE = ("raise", "lower", "secure", "open", "set-output")
"""What may last only while its button is held (R24)."""


def _if(field: str, value: object, then: dict[str, Any], else_: dict[str, Any]) -> dict[str, Any]:
    condition = {"properties": {field: {"const": value}}, "required": [field]}
    return {"if": condition, "then": {"properties": then, "required": list(then)}, "else": {"properties": else_}}


class CommandBody(BaseModel):
    """The body of a command."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "allOf": [
                _if("action", "set-output", {"point": {"minLength": 1}}, {"point": {"maxLength": 0}}),
                _if("hold", True, {"action": {"enum": [*HOLDABLE]}}, {}),
            ]
        },
    )

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
        "set-output",
    ]
    reason: Line = Field(default="", max_length=500)
    expires_in_s: float | None = Field(
        default=None, ge=SHORTEST_S, le=60, allow_inf_nan=False, description="5 if it is not given; 30 for a lockdown."
    )
    seen: int | None = Field(default=None, ge=0, le=LARGEST)
    by: Name = Field(
        default="", max_length=64, description="The person behind it, as the client says; lock-outs and tests need it."
    )
    hold: bool = Field(default=False, description="Move only while the order is renewed (R24).")
    point: Line = Field(default="", max_length=64, description="Of set-output: which output of the device.")
    level: bool | int = Field(default=True, description="Of set-output: on or off, or the code of a set point.")


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
    before: int = Field(default=0, ge=0, le=LARGEST)
    limit: int = Field(default=100, ge=1, le=1000)
    device: str = ""
    kind: str = ""
    command: str = ""
    text: str = Field(default="", max_length=200)
    newest: bool = False


class VerifyQuery(BaseModel):
    """From which record on the chain is checked. Its values come as text."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(default=0, ge=0, le=LARGEST)
    hash: str = Field(default="0" * 64, pattern=r"^[0-9a-f]{64}$")


M = TypeVar("M", bound=BaseModel)


def behind(giver: Credential, by: str) -> str:
    """Return the person behind what is asked: a session's own, else who is said to be. Raises Problem 422 where they differ."""
    if not giver.person:
        return by
    if by and not people.same(by, giver.principal):
        raise invalid("by", f"{giver.principal} is logged in, and {by} is somebody else; leave `by` out")
    return giver.principal


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
