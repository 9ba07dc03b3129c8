"""What a form refuses, in plain words: what is wrong, what was expected, what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from simulators import schema
from simulators.located import Key, Mistake
from simulators.words import unknown

GROUPS: Mapping[str, type[BaseModel]] = {
    "units": schema.UnitEntry,
    "lanes": schema.LaneEntry,
    "supplies": schema.Supply,
    "troubles": schema.ScriptedTrouble,
}
STANDS_FOR = {"barrier": "boom", "road_blocker": "wedge"}
"""Kinds of device by the type of plant that simulates one, where the two are called differently."""
EXPECTED = {
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "string_type": "text",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "list_type": "a list",
}
LIMITS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
    "string_too_long": ("max_length", "shorter; greatest number of characters:"),
    "too_short": ("min_length", "longer; least number of items:"),
    "too_long": ("max_length", "shorter; greatest number of items:"),
}


def explain(error: ValidationError, data: Any) -> Iterator[Mistake]:
    """Return what pydantic found in `data`; what it found at one place in several ways is one mistake."""
    places: dict[tuple[tuple[Key, ...], Key], list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        loc = detail["loc"]
        missing = loc[-1] if detail["type"] == "missing" else ""
        places.setdefault((_place(loc, data), missing), []).append(detail)
    for (at, _), details in places.items():
        yield _mistake(at, details)


def _place(loc: Sequence[Key], data: Any) -> tuple[Key, ...]:
    """Return the part of `loc` that is in the file: pydantic puts the names of alternatives in between."""
    at: list[Key] = []
    for step in loc:
        match data:
            case dict() if step in data:
                data = data[step]
            case list() if isinstance(step, int) and step < len(data):
                data = data[step]
            case _:
                continue
        at.append(step)
    return tuple(at)


def _mistake(at: tuple[Key, ...], details: Sequence[ErrorDetails]) -> Mistake:
    first = details[0]
    context = first.get("ctx", {})
    match first["type"]:
        case "missing":
            return Mistake(at, f"`{first['loc'][-1]}` is missing: add it", key=first["loc"][-1])
        case "union_tag_not_found":
            tag = context["discriminator"].strip("'")
            return Mistake(at, f"`{tag}` is missing: add it", key=tag)
        case "extra_forbidden":
            return Mistake(at[:-1], unknown("the key", at[-1], _known(first["loc"])), key=at[-1])
        case "union_tag_invalid":
            tag, given = context["discriminator"].strip("'"), context["tag"]
            return Mistake((*at, tag), unknown("the value", given, _words(context["expected_tags"]), _hint(given)))
        case "literal_error":
            words = _words(context["expected"].replace(" or ", ", "))
            return Mistake(at, unknown("the value", first["input"], words))
        case _:
            return Mistake(at, _wrong(details), of_key=first["loc"][-1] == "[key]")


def _wrong(details: Sequence[ErrorDetails]) -> str:
    first = details[0]
    kind, context = first["type"], first.get("ctx", {})
    if kind in EXPECTED:
        wanted = " or ".join(dict.fromkeys(EXPECTED[d["type"]] for d in details if d["type"] in EXPECTED))
        return f"expected {wanted}, found {_shown(first['input'])}"
    if kind == "string_pattern_mismatch":
        return f"{_shown(first['input'])} is not {_form(context['pattern'])}"
    if kind in LIMITS:
        name, words = LIMITS[kind]
        return f"{_shown(first['input'])} must be {words} {context[name]:g}"
    return first["msg"][:1].lower() + first["msg"][1:]


def _known(loc: Sequence[Key]) -> Iterable[str]:
    """Return the keys that may stand beside the last of `loc`."""
    if len(loc) == 1:
        return schema.Simulation.model_fields
    if loc[0] in GROUPS:
        return GROUPS[str(loc[0])].model_fields
    # links.NAME.PROTOCOL.key and plants.NAME.TYPE.key
    alternatives = get_args(get_args(schema.AnyLink if loc[0] == "links" else schema.AnyPlant)[0])
    tag = "protocol" if loc[0] == "links" else "type"
    fitting = [model for model in alternatives if loc[2] in get_args(model.model_fields[tag].annotation)]
    return fitting[0].model_fields if fitting else ()


def _hint(given: str) -> str:
    return f": simulate a {given} with a plant of type `{STANDS_FOR[given]}`" if given in STANDS_FOR else ""


def _words(text: str) -> list[str]:
    return [word.strip().strip("'") for word in text.split(",")]


def _form(pattern: str) -> str:
    if r"\." in pattern:
        return "a unit and its point, e.g. cabinet-io.di0"
    return "a name: lower-case letters, digits, `-`, `_` and `.`, beginning with a letter or a digit"


def _shown(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case dict():
            return "keys with values"
        case list():
            return "a list"
        case str():
            return f"`{value[:60]}`"
        case _:
            return str(value)
