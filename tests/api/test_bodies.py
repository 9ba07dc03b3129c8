"""What may be asked: each bound, each kind of nonsense, and that all mistakes are told at once."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from pydantic import BaseModel

from controller.api.answers import Problem
from controller.api.bodies import (
    CommandBody,
    EndBody,
    JournalQuery,
    NoteBody,
    PassageBody,
    RemoveBody,
    ShelveBody,
    from_json,
    from_query,
)

GOOD = {"target": "bollard", "action": "lower"}


def refused(text: bytes) -> Problem:
    with pytest.raises(Problem) as caught:
        from_json(CommandBody, text)
    assert (caught.value.status_code, caught.value.code) == (422, "invalid")
    return caught.value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("expires_in_s", "0"),
        ("expires_in_s", "0.49"),
        ("expires_in_s", "-1"),
        ("expires_in_s", "60.1"),
        ("expires_in_s", "1e999"),
        ("expires_in_s", "true"),
        ("expires_in_s", '"5"'),
        ("seen", "-1"),
        ("seen", str(2**63)),
        ("seen", "1.5"),
        ("seen", "true"),
        ("id", '""'),
        ("id", f'"{"x" * 65}"'),
        ("id", '"../x"'),
        ("id", r'"x\n"'),
        ("id", '"zone:bollard"'),
        ("id", "7"),
        ("reason", f'"{"x" * 501}"'),
        ("reason", r'"two\nlines"'),
        ("reason", r'"\u001b[2J"'),
        ("reason", r'"\u2028"'),
        ("reason", r'"half \ud800"'),
        ("reason", "null"),
        ("target", '""'),
        ("target", f'"{"x" * 129}"'),
        ("action", '"RAISE"'),
        ("action", '""'),
        ("action", '"lock_out"'),
        ("by", f'"{"x" * 65}"'),
        ("by", r'"marie\n"'),
        ("by", "null"),
        ("hold", '"true"'),
        ("hold", "1"),
        ("hold", "null"),
    ],
)
def test_a_value_out_of_bounds_is_named(field: str, value: str):
    body = {name: json.dumps(good) for name, good in GOOD.items()} | {field: value}
    error = refused(("{" + ",".join(f'"{n}":{v}' for n, v in body.items()) + "}").encode())
    assert [mistake["field"] for mistake in error.more["fields"]] == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("expires_in_s", 60),
        ("expires_in_s", 0.5),
        ("seen", 0),
        ("seen", 2**63 - 1),
        ("id", "x" * 64),
        ("reason", "x" * 500),
        ("by", "x" * 64),
        ("hold", True),
        ("action", "lock-out"),
    ],
)
def test_a_value_at_its_bound_is_taken(field: str, value: Any):
    assert getattr(from_json(CommandBody, json.dumps({**GOOD, field: value}).encode()), field) == value


ODD = (
    "",
    " ",
    "\u0000",
    "\n",
    "\t",
    "\u007f",
    "\u0085",
    "\u00a0",
    "\u00ad",
    "\u200b",
    "\u2028",
    "\u2029",
    "\u3000",
    "\ufeff",
    "é",
    "\U0001f6a7",
)


@pytest.mark.parametrize("field", ["by", "reason", "target"])
@pytest.mark.parametrize("odd", ODD)
def test_the_schema_of_a_text_takes_what_the_api_takes(field: str, odd: str):
    schema = CommandBody.model_json_schema()["properties"][field]
    fits = re.compile(schema["pattern"].replace("$", r"\Z"))  # in JSON Schema `$` is the very end
    for text in (odd or "x", f"a{odd}", f"{odd}é\u00ad"):
        try:
            from_json(CommandBody, json.dumps({**GOOD, field: text}).encode())
        except Problem:
            assert fits.search(text) is None
        else:
            assert fits.search(text)


def test_what_stands_for_no_name_is_no_default_in_the_schema():
    assert "default" not in CommandBody.model_json_schema()["properties"]["by"]


def test_what_is_not_said_has_its_default():
    body = from_json(CommandBody, json.dumps(GOOD).encode())
    assert (body.id, body.reason, body.expires_in_s, body.seen) == (None, "", None, None)
    assert (body.by, body.hold) == ("", False)


def test_a_person_is_the_same_with_a_blank_too_many():
    assert from_json(CommandBody, json.dumps({**GOOD, "by": " Zoé   Martin "}).encode()).by == "Zoé Martin"


@pytest.mark.parametrize("model", [CommandBody, PassageBody, EndBody, ShelveBody, RemoveBody, NoteBody])
@pytest.mark.parametrize("by", ["", "  ", "\u00a0", "\u200b"])
def test_a_name_of_which_nothing_can_be_seen_is_refused(model: type[BaseModel], by: str):
    with pytest.raises(Problem, match="by: empty: say who is behind it, or leave `by` out"):
        from_json(model, json.dumps({"by": by}).encode())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "expected a JSON object"),
        (b'"lower"', "expected a JSON object"),
        (b"null", "expected a JSON object"),
        (b"\xff", "not JSON"),
        (b"[" * 50_000, "not JSON: nested too deeply"),
        (b'{"target":"bollard","action":"stop","action":"lower"}', "not JSON: a field is given more than once"),
        (b'{"target":"bollard","action":"lower","expires_in_s":NaN}', "not JSON: NaN is not a number in JSON"),
        (b'{"target":"bollard","action":"lower","seen":' + b"9" * 5000 + b"}", "not JSON"),
    ],
)
def test_what_is_no_json_object_is_told(text: bytes, why: str):
    assert refused(text).detail.startswith(why)


def test_all_mistakes_are_told_at_once_in_one_sentence_and_as_a_list():
    error = refused(b'{"target": 3, "action": "explode", "more": 1}')
    assert error.detail == (
        "target: expected a valid string; action: expected 'raise', 'lower', 'stop', 'secure', 'open', 'lockdown', "
        "'release', 'lock-out', 'lift', 'test', 'end-test', 're-arm' or 'set-output'; "
        "more: unknown field; expected id, target, action, reason, expires_in_s, seen, by, hold, point, level"
    )
    assert [m["field"] for m in error.more["fields"]] == ["target", "action", "more"]


@pytest.mark.parametrize("after", [str(2**63), "-1", "x", "1.5", ""])
def test_a_journal_number_that_is_none_is_refused(after: str):
    with pytest.raises(Problem, match="after: "):
        from_query(JournalQuery, [("after", after)])
