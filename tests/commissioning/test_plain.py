"""A record becomes canonical JSON and comes back the same, or the error names the place."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import Any

import pytest

from controller.commissioning.report.contents import document
from controller.commissioning.report.html import page
from controller.commissioning.report.plain import ReportError, fingerprint_of, from_plain, parse, text_of
from tests.commissioning.sample import FULL, WELL


def plain() -> Any:
    return json.loads(text_of(FULL))


@pytest.mark.parametrize("record", [FULL, WELL], ids=["full", "well"])
def test_a_record_comes_back_as_it_was(record):
    again = from_plain(parse(text_of(record)))
    assert again == record
    assert text_of(again) == text_of(record)


def test_the_text_is_the_journals_canonical_json():
    text = text_of(FULL)
    assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert "Élodie Marchand-Lô" in text


def test_the_order_in_which_a_mapping_was_filled_does_not_matter():
    turned = dataclasses.replace(FULL, versions=dict(reversed([*FULL.versions.items()])))
    assert fingerprint_of(turned) == fingerprint_of(FULL)


def _set(path: str, value: Any) -> Any:
    record = plain()
    *way, last = path.split(".")
    inner = record
    for name in way:
        inner = inner[int(name) if name.isdigit() else name]
    inner[int(last) if last.isdigit() else last] = value
    return record


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("subject.device", 7, r"record\.subject\.device: expected a text, found 7"),
        ("subject.nickname", "x", r"record\.subject\.nickname: unknown"),
        ("outcome", "splendid", r"record\.outcome: expected one of passed, failed, skipped, aborted, found 'splendid'"),
        ("simulated", "false", r"record\.simulated: expected true or false"),
        ("simulated", 0, r"record\.simulated: expected true or false"),
        ("travels.0.seconds", "4.6", r"record\.travels\[0\]\.seconds: expected a number"),
        ("travels.0.seconds", True, r"record\.travels\[0\]\.seconds: expected a number"),
        ("travels.0.changes.0", [0.1, "raised"], r"changes\[0\]: expected a list of 3"),
        ("travels.0.cycle", 1.0, r"record\.travels\[0\]\.cycle: expected a whole number"),
        (
            "steps.1.checks.0.evidence",
            [12, "13"],
            r"record\.steps\[1\]\.checks\[0\]\.evidence\[1\]: expected a whole number",
        ),
        ("steps", {}, r"record\.steps: expected a list"),
        ("witness", "Gian", r"record\.witness: expected an object"),
        ("versions.rempart", None, r"record\.versions\.rempart: expected a text"),
        ("form", 2, r"record\.form: 2, this release of rempart reads form 1"),
    ],
)
def test_what_is_no_record_is_refused_with_its_place(path: str, value: Any, message: str):
    with pytest.raises(ReportError, match=message):
        from_plain(_set(path, value))


def test_every_member_is_asked_for():
    for name in plain():
        without = copy.deepcopy(plain())
        del without[name]
        with pytest.raises(ReportError, match=rf"record\.{name}: missing"):
            from_plain(without)


@pytest.mark.parametrize("value", [None, [], "record", 3])
def test_a_record_is_an_object(value: Any):
    with pytest.raises(ReportError, match="record: expected an object"):
        from_plain(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ('{"a":1', "not JSON"),
        ('{"a":NaN}', "NaN is no number"),
        ('{"a":-Infinity}', "-Infinity is no number"),
        ('{"a":1,"b":{"c":1,"c":2}}', "key 'c' stands twice"),
        ("[" * 100 + "]" * 100, "nested deeper"),
        ("[" * 200_000, "nested deeper"),
        ('{"a":' + "9" * 5000 + "}", "not JSON"),
    ],
)
def test_what_is_no_strict_json_is_refused(text: str, message: str):
    with pytest.raises(ReportError, match=message):
        parse(text)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf")])
def test_a_record_that_json_cannot_say_is_refused_before_it_is_signed(seconds: float):
    travel = dataclasses.replace(FULL.travels[0], seconds=seconds)
    with pytest.raises(ReportError, match=r"travels\[0\]\.seconds: expected a number"):
        text_of(dataclasses.replace(FULL, travels=(travel,)))


def test_a_lone_surrogate_does_not_stop_a_record():
    odd = dataclasses.replace(FULL, deviations=("\udc80",))
    assert from_plain(parse(text_of(odd))) == odd
    assert "⟨U+DC80⟩" in page(document(odd, "en")).encode().decode()
