"""A refused file in plain words: what is wrong, what was expected, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from controller.config.located import Document, Key, Problem

Schema = Mapping[str, Any]

_EXPECTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "list_type": "a list",
    "tuple_type": "a list",
    "date_type": "a date, e.g. 2026-03-01",
    "none_required": "nothing",
}
_LIMITS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
    "string_too_short": ("min_length", "longer; least number of characters:"),
    "string_too_long": ("max_length", "shorter; greatest number of characters:"),
    "too_short": ("min_length", "longer; least number of items:"),
    "too_long": ("max_length", "shorter; greatest number of items:"),
}


def suggest(given: object, known: Iterable[str]) -> str:
    """Return "; did you mean `x`?" for the nearest known word, and nothing if none is near."""
    close = difflib.get_close_matches(str(given), list(known), n=1, cutoff=0.6)
    return f"; did you mean `{close[0]}`?" if close else ""


def listed(known: Iterable[str]) -> str:
    """Return the known words as one phrase, the first dozen of them."""
    words = sorted(known)
    return ", ".join(words[:12]) + (", …" if len(words) > 12 else "") if words else "none"


def unknown(what: str, given: object, known: Iterable[str]) -> str:
    """Say that a word is not known, what it may have meant, and which words there are."""
    words = list(known)
    return f"{what} `{given}` is not known{suggest(given, words)} (known: {listed(words)})"


def explain(error: ValidationError, doc: Document, schema: Schema) -> tuple[Problem, ...]:
    """Turn what pydantic found in `doc` into problems; the errors of one place become one problem."""
    places: dict[tuple[Key, ...], list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        places.setdefault(_place(detail, doc.data), []).append(detail)
    told = {(*at[:-1], meant) for at, meant in unknown_keys(error, doc.data, schema).items() if meant is not None}
    missing = {at for at, details in places.items() if details[0]["type"] == "missing"}
    return tuple(_problem(at, details, doc, schema) for at, details in places.items() if at not in told & missing)


def unknown_keys(error: ValidationError, data: Any, schema: Schema) -> dict[tuple[Key, ...], str | None]:
    """Return the places of the keys that are not known, each with the key that was meant, if one is near and not there."""
    found: dict[tuple[Key, ...], str | None] = {}
    for detail in error.errors(include_url=False):
        if detail["type"] == "extra_forbidden":
            at = _place(detail, data)
            free = set(_known(schema, detail["loc"][:-1])) - set(_around(data, at))
            close = difflib.get_close_matches(str(at[-1]), sorted(free), n=1)
            found[at] = close[0] if close else None
    return found


def _around(data: Any, at: Sequence[Key]) -> Iterable[str]:
    for step in at[:-1]:
        data = data[step]
    return tuple(data)


def _place(detail: ErrorDetails, data: Any) -> tuple[Key, ...]:
    """Return the place in the file; pydantic puts the names of union branches in between."""
    at: list[Key] = []
    loc = detail["loc"]
    for i, step in enumerate(loc):
        inside = (isinstance(data, dict) and step in data) or (
            isinstance(data, list) and isinstance(step, int) and step < len(data)
        )
        if inside:
            data = data[step]
            at.append(step)
        elif i == len(loc) - 1 and detail["type"] == "missing":
            at.append(step)
    if detail["type"].startswith("union_tag"):
        at.append(detail["ctx"]["discriminator"].strip("'"))
    return tuple(at)


def _problem(at: tuple[Key, ...], details: Sequence[ErrorDetails], doc: Document, schema: Schema) -> Problem:
    first = details[0]
    match first["type"]:
        case "missing" | "union_tag_not_found":
            what = "an item" if isinstance(at[-1], int) else f"`{at[-1]}`"
            return doc.problem(at, _within(at[:-1], f"{what} is missing: add it"), key=True)
        case "extra_forbidden":
            known = _known(schema, first["loc"][:-1])
            return doc.problem(at, _within(at[:-1], unknown("the key", at[-1], known)), key=True)
        case "union_tag_invalid":
            known = [word.strip().strip("'") for word in first["ctx"]["expected_tags"].split(",")]
            return doc.problem(at, _within(at, unknown("the value", first["ctx"]["tag"], known)))
        case "literal_error" | "enum":
            known = [w.strip().strip("'") for w in first["ctx"]["expected"].replace(" or ", ", ").split(",")]
            return doc.problem(at, _within(at, unknown("the value", _bare(first["input"]), known)))
        case _:
            of_key = "[key]" in first["loc"]
            return doc.problem(at, _within(at, _wrong(details)), key=of_key)


def _wrong(details: Sequence[ErrorDetails]) -> str:
    first = details[0]
    kind, context = first["type"], first.get("ctx", {})
    if kind in _EXPECTED:
        wanted = " or ".join(dict.fromkeys(_EXPECTED[d["type"]] for d in details if d["type"] in _EXPECTED))
        return f"expected {wanted}, found {_shown(first['input'])}"
    if kind == "string_pattern_mismatch":
        return f"{_shown(first['input'])} is not {_form(context['pattern'])}"
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        return f"{_shown(first['input'])} must be {words} {context[name]:g}"
    if kind == "value_error":
        return str(context["error"])
    return first["msg"][:1].lower() + first["msg"][1:]


def _form(pattern: str) -> str:
    if r"\." in pattern:
        return "a unit and its point, e.g. albert-io.di0"
    return "a name: lower-case letters, digits, - and _, beginning with a letter or a digit"


def _within(at: Sequence[Key], message: str) -> str:
    return f"{'.'.join(str(step) for step in at)}: {message}" if at else message


def _bare(value: Any) -> str:
    return value[:60] if isinstance(value, str) else _shown(value)


def _shown(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case dict():
            return "keys with values"
        case list() | tuple():
            return "a list"
        case str():
            return f"`{value[:60]}`"
        case _:
            return str(value)


def _known(schema: Schema, loc: Sequence[Key]) -> list[str]:
    """Return the keys that `schema` allows at `loc`."""
    node = _resolved(schema, schema)
    for step in loc:
        node = _resolved(schema, _inner(node, step))
    return sorted(_branch(schema, node).get("properties", {}))


def _inner(node: Schema, step: Key) -> Schema:
    mapping = node.get("discriminator", {}).get("mapping", {})
    if step in mapping:
        return {"$ref": mapping[step]}
    properties: Schema = node.get("properties", {})
    if step in properties:
        inner: Schema = properties[str(step)]
    elif "patternProperties" in node:
        inner = next(iter(node["patternProperties"].values()))
    elif isinstance(node.get("additionalProperties"), dict):
        inner = node["additionalProperties"]
    else:
        inner = node.get("items", node) if isinstance(step, int) else node
    return inner


def _resolved(schema: Schema, node: Schema) -> Schema:
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return _branch(schema, node)


def _branch(schema: Schema, node: Schema) -> Schema:
    """Return the alternative of an optional object that is the object."""
    for option in node.get("anyOf", []):
        whole = _resolved(schema, option)
        if "properties" in whole:
            return whole
    return node
