"""YAML 1.2 to plain data with places; what is open to two readings is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.config.located import Document, parse, read


def refused(text: str) -> list[str]:
    return [str(problem) for problem in parse(text.encode(), "f.yaml").problems]


@pytest.mark.parametrize(
    "word", ["on", "off", "yes", "no", "y", "n", "On", "OFF", "2026-11-22", "1_000", "12:30:45", "="]
)
def test_words_of_yaml_1_1_stay_words(word: str) -> None:
    assert parse(f"a: {word}\n".encode(), "f").data == {"a": word}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0x1F", 31),
        ("0o17", 15),
        ("012", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("true", True),
        ("~", None),
        ("'5'", "5"),
    ],
)
def test_scalars_are_those_of_the_core_schema(text: str, value: object) -> None:
    got = parse(f"a: {text}\n".encode(), "f").data["a"]
    assert (got, type(got)) == (value, type(value))


def test_keys_and_values_have_their_places() -> None:
    doc = parse(b"a:\n  bc: [1,\n       two]\n", "f.yaml")
    assert doc.keys["a", "bc"] == (2, 3)
    assert doc.values["a", "bc", 1] == (3, 8)
    assert str(doc.problem(("a", "bc", 1), "bad")) == "f.yaml:3:8: bad"
    assert str(doc.problem(("a", "bc"), "bad", key=True)) == "f.yaml:2:3: bad"


def test_a_problem_with_what_is_missing_stands_at_what_is_around_it() -> None:
    doc = parse(b"a: 1\nb:\n  c: 2\n", "f.yaml")
    assert str(doc.problem(("b", "d", "e"), "gone")) == "f.yaml:2:1: gone"
    assert str(doc.problem(("x",), "gone")) == "f.yaml:1:1: gone"


def test_an_alias_stands_for_its_anchor() -> None:
    assert parse(b"a: &x {b: 1}\nc: *x\n", "f").data == {"a": {"b": 1}, "c": {"b": 1}}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: `a` is given twice (first in line 1): remove one"),
        ("1: x\n", "f.yaml:1:1: a key must be text: put it in quotes"),
        ("? [a]\n: 1\n", "f.yaml:1:3: a key must be text: put it in quotes"),
        ("a: &x {b: 1}\nc: {<<: *x}\n", "f.yaml:2:5: `<<` is not part of YAML 1.2: write the keys out"),
        ("a: .inf\n", "f.yaml:1:4: .inf is not a finite number"),
        ("a: .NaN\n", "f.yaml:1:4: .NaN is not a finite number"),
        ("a: !foo 1\n", "f.yaml:1:4: the tag !foo is not understood: remove it"),
        ("a: &a [*a]\n", "f.yaml:1:4: an alias stands inside of what it stands for"),
        ("%YAML 1.1\n---\na: on\n", "f.yaml:3:1: only YAML 1.2 is understood: remove the %YAML line"),
        ("", "f.yaml:1:1: is empty"),
        ("x: 1\na: \x01b", "f.yaml:2:4: the character U+0001 may not be here"),
        ("[" * 5000, "f.yaml:1:1: is nested too deeply"),
    ],
)
def test_what_is_open_to_two_readings_is_refused(text: str, problem: str) -> None:
    assert refused(text) == [problem]


@pytest.mark.parametrize(
    "text", ["a: [1,\n b: 2", "a: 1\n\tb: 2\n", "a: *nope", "---\na: 1\n---\nb: 2\n", "a: b: c", '"']
)
def test_a_syntax_error_is_one_problem_with_its_place(text: str) -> None:
    (problem,) = parse(text.encode(), "f.yaml").problems
    assert problem.message.startswith("is not YAML: ")
    assert problem.line >= 1
    assert problem.column >= 1


def test_every_duplicate_is_told() -> None:
    assert len(refused("a: 1\na: 2\nb: {c: 1, c: 2}\n")) == 2


def test_aliases_that_multiply_are_stopped() -> None:
    layers = "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(8))
    (problem,) = refused("a: &a [1,1,1,1,1,1,1,1,1,1]\n" + layers)
    assert "do aliases multiply one another?" in problem


def test_not_utf_8_is_told_with_its_place() -> None:
    (problem,) = parse(b"a: 1\nb: \xff\n", "f.yaml").problems
    assert str(problem) == "f.yaml:2:4: is not UTF-8 text: save the file as UTF-8"


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert parse("\ufeffa: 1\n".encode(), "f").data == {"a": 1}


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    assert [str(p) for p in read(tmp_path / "no.yaml", "no.yaml").problems] == [
        "no.yaml:1:1: cannot be read: No such file or directory"
    ]
    assert "cannot be read" in str(read(tmp_path).problems[0])


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_at_all_raise(content: bytes) -> None:
    assert isinstance(parse(content, "f"), Document)
