from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.journal.chain import START, Head, Row, canonical, check, draft, label, seal
from controller.ports import Entry

AT = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
BODIES = st.dictionaries(
    TEXTS,
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**70), 2**70)
        | st.floats(allow_nan=False, allow_infinity=False)
        | TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)
ENTRIES = st.builds(Entry, kind=TEXTS, device=TEXTS, command=TEXTS, body=BODIES)


def chained(*entries: Entry) -> list[Row]:
    return seal(START, [draft(entry, AT) for entry in entries])


def some(count: int) -> list[Row]:
    return chained(*(Entry("state", "albert-bollards", body={"n": n}) for n in range(1, count + 1)))


def test_the_hash_is_the_one_that_the_documentation_promises():
    (row,) = chained(Entry("order", "albert-bollards", "0192", {"raise": True, "because": "é"}))
    # printf '%s' '[1,"2026-11-22T12:00:00.000000Z","order","albert-bollards","0192",{"because":"é","raise":true},"00…00"]' |
    # sha256sum
    assert row.hash == "382e2903ab6f40093643aa476f422012c5b4d0ae8f1f0ec438829c511515b70c"


@given(ENTRIES, ENTRIES)
def test_sqlite_itself_builds_the_hashed_text(one: Entry, two: Entry):
    rows = chained(one, two)
    if any("\0" in text for text in rows[1][1:5]):
        return  # json_array() ends a text there
    with closing(sqlite3.connect(":memory:")) as connection:
        query = "SELECT json_array(?, ?, ?, ?, ?, json(?), ?)"
        (text,) = connection.execute(query, (*rows[1][:6], rows[0].hash)).fetchone()
    assert hashlib.sha256(text.encode()).hexdigest() == rows[1].hash


@given(BODIES)
def test_a_body_comes_back_as_it_went_in(body: dict[str, Any]):
    assert json.loads(canonical(body)) == body


def test_a_body_has_one_text_whatever_the_order_of_its_keys():
    assert canonical({"b": 1, "a": {"d": 2, "c": 3}}) == canonical({"a": {"c": 3, "d": 2}, "b": 1})


class Mode(StrEnum):
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Sample:
    value: float
    mode: Mode


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (float("nan"), '"nan"'),
        (float("-inf"), '"-inf"'),
        (Mode.LOCAL, '"local"'),
        (Sample(1.5, Mode.LOCAL), '{"mode":"local","value":1.5}'),
        ({3, 1}, "[1,3]"),
        ((1, "a"), '[1,"a"]'),
        ({Mode.LOCAL: 1, 2: 3}, '{"2":3,"local":1}'),
        (AT, '"2026-11-22T12:00:00+00:00"'),
        (b"\x01", "\"b'\\\\x01'\""),
        ("\ud800", '"\\ud800"'),
    ],
)
def test_nothing_is_refused_for_its_type(value: object, text: str):
    assert canonical({"x": value}) == f'{{"x":{text}}}'


def test_an_entry_changed_after_it_was_handed_in_is_recorded_as_it_was():
    body = {"seen": [1]}
    taken = draft(Entry("order", body=body), AT)
    body["seen"].append(2)
    assert taken.body == '{"seen":[1]}'


def test_times_are_told_in_utc():
    assert (
        label(datetime(2026, 11, 22, 13, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))) == "2026-11-22T12:00:00.000005Z"
    )


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        label(datetime(2026, 11, 22))  # noqa: DTZ001


@given(st.lists(ENTRIES, max_size=6))
def test_a_sealed_chain_checks(entries: list[Entry]):
    rows = chained(*entries)
    verdict = check(rows)
    assert (verdict.ok, verdict.records, verdict.first_bad_seq, verdict.why) == (True, len(entries), None, "")
    assert verdict.head == (Head(rows[-1].seq, rows[-1].hash) if rows else START)


@given(st.lists(ENTRIES, min_size=1, max_size=4), st.data())
def test_r37_any_changed_field_is_found_where_it_is(entries: list[Entry], data: st.DataObject):
    rows = chained(*entries)
    at = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from(["at", "kind", "device", "command", "body", "hash"]))
    rows[at] = rows[at]._replace(**{name: getattr(rows[at], name) + "x"})
    assert check(rows).first_bad_seq == at + 1


def test_r37_a_record_that_was_changed_and_hashed_anew_breaks_the_next():
    rows = some(3)
    rows[1] = seal(Head(1, rows[0].hash), [draft(Entry("state", "albert-bollards", body={"n": 99}), AT)])[0]
    verdict = check(rows)
    assert (verdict.first_bad_seq, verdict.records) == (3, 2)
    assert "it or 2 was changed" in verdict.why


def test_r37_a_missing_record_is_named():
    rows = some(4)
    del rows[1]
    verdict = check(rows)
    assert (verdict.first_bad_seq, verdict.why) == (2, "record 2 is missing: after 1 comes 3")


def test_r37_exchanged_records_are_found():
    rows = some(4)
    rows[1], rows[2] = rows[2]._replace(seq=2), rows[1]._replace(seq=3)
    assert check(rows).first_bad_seq == 2


def test_r37_records_cut_off_at_the_end_are_found_by_whoever_remembers_the_head():
    rows = some(4)
    head = Head(4, rows[3].hash)
    assert check(rows[:2]).ok
    verdict = check(rows[:2], [("the auditor", head)])
    assert (verdict.ok, verdict.first_bad_seq) == (False, 3)
    assert verdict.why == "records 3 to 4 are missing at the end: the auditor knows record 4"


def test_r37_a_chain_written_anew_is_found_by_whoever_remembers_a_head_on_it():
    head = Head(2, some(4)[1].hash)
    forged = chained(*(Entry("state", "albert-bollards", body={"n": -n}) for n in range(4)))
    assert check(forged).ok
    verdict = check(forged, [("the auditor", head)])
    assert (verdict.ok, verdict.first_bad_seq) == (False, 2)
    assert "the auditor" in verdict.why


@pytest.mark.parametrize("field", ["at", "kind", "device", "command", "body", "hash"])
@pytest.mark.parametrize("value", [None, 7, b"x", "\ud800"])
def test_a_field_that_is_no_text_is_a_finding_and_no_crash(field: str, value: Any):
    rows = some(2)
    rows[1] = rows[1]._replace(**{field: value})
    assert check(rows).first_bad_seq == 2
