"""The catalogue is whole in every language, and has every key that the sources name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.commissioning.record import Outcome, Words
from controller.commissioning.report import findings, seal
from controller.commissioning.report.measured import WINDOWS
from controller.commissioning.texts import LANGUAGES, Texts, catalogue, gaps_of
from tests.docs.pages import ROOT

SOURCES = [*(ROOT / "controller" / "commissioning").rglob("*.py"), *(ROOT / "controller" / "cli").glob("*.py")]
KEY = re.compile(r"[a-z0-9_]+(\.[A-Za-z0-9_]+)+")
# A key as the last word of a call: `texts("a.b")`, `Words("a.b", …)`, `sheet.heading("a.b")`; or in a tuple of keys.
PREFIXES = {key.split(".")[0] for key in catalogue()} - {"report"}


def _named(path: Path) -> Iterator[tuple[int, str]]:
    """Every text of a source that is a key for its form: what is given to `Words` or a catalogue, and what begins like a key."""
    tree = ast.parse(path.read_text("utf-8"))
    called: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(first := node.args[0], ast.Constant):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ("Words", "texts", "heading") and isinstance(first.value, str):
                called.add(id(first))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            like = KEY.fullmatch(node.value) is not None and node.value.split(".")[0] in PREFIXES
            if id(node) in called or like:
                yield node.lineno, node.value


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_every_language_has_the_key_with_the_same_gaps(key: str):
    texts = catalogue()[key]
    assert sorted(texts) == sorted(LANGUAGES)
    assert len({frozenset(gaps_of(text)) for text in texts.values()}) == 1
    assert all(text.strip() == text and text for text in texts.values())


def test_every_key_that_a_source_names_is_there():
    missing = [
        f"{path.relative_to(ROOT)}:{line}: {key}"
        for path in SOURCES
        for line, key in _named(path)
        if key not in catalogue()
    ]
    assert not missing, "\n".join(missing)


def test_the_search_for_named_keys_finds_them():
    found = {key for path in SOURCES for _, key in _named(path)}
    assert {"objection.nothing", "subject.heading", "travel.definition", "versions.caption", "r40.witness"} <= found
    assert len(found) > 100


def test_every_key_that_is_put_together_is_there():
    made = [f"outcome.{outcome.value}" for outcome in Outcome]
    made += [f"override.{name}" for name in findings.OVERRIDES]
    made += [f"role.{role}" for role in seal.ROLES]
    made += [f"criterion.{window.criterion}" for window in WINDOWS]
    made += [f"section.{number}" for number in range(631, 639)]
    made += [f"mark.{name}{part}" for name in ("simulated", "unattended", "copy") for part in ("", ".short")]
    made += [f"{name}.{part}" for name in ("deviations", "risks") for part in ("none", "caption")]
    assert [key for key in made if key not in catalogue()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_that_is_not_known_is_told_with_its_gaps(language: str):
    texts = Texts(language)
    assert (
        texts.words(Words("no.such", {"because": "{x} %s {0.__class__}", "n": 3}))
        == "no.such because={x} %s {0.__class__} n=3"
    )
    assert texts.words(Words("", {})) == ""


def test_a_gap_that_nothing_fills_is_no_exception():
    assert Texts("en")("report.page", page=3) == "report.page page=3"


def test_words_and_numbers_within_words_are_told_in_the_language():
    words = Words("report.result", {"outcome": {"key": "outcome.failed", "gaps": {}}})
    assert Texts("fr").words(words) == "Résultat : ✗ ÉCHEC"
    assert (
        Texts("it").words(Words("report.typed", {"text": [4.25, True, None, Words("report.no")]}))
        == "4,25, sì, nessuno, no"
    )
    assert Texts("en").seconds(4.0) == "4 s"
    assert Texts("fr").seconds(0.125) == "0,12 s"
    assert Texts("en").seconds(None) == "–"


def test_what_fills_a_gap_is_never_read_as_a_form():
    assert Texts("en")("report.typed", text="{text.__class__} {0}") == "{text.__class__} {0}"


def test_a_time_is_told_to_the_second_and_what_is_none_as_it_stands():
    assert Texts("en").time("2026-11-27T09:00:00.125000Z") == "2026-11-27 09:00:00 UTC"
    assert Texts("en").time("2026-11-27T09:00:00+01:00") == "2026-11-27 09:00:00 +0100"
    assert Texts("en").time("soon") == "soon"


def test_a_language_that_is_not_there_is_an_error():
    with pytest.raises(ValueError, match="expected one of en, fr, it"):
        Texts("de")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.yaml": "x.y: {en: a}\n", "b.yaml": "x.y: {en: b}\n"}, "in another file too"),
        ({"a.yaml": "x.y: text\n"}, "expected a text for each"),
        ({"a.yaml": "x.y: {en: 3}\n"}, "expected a text for each"),
    ],
)
def test_a_catalogue_that_contradicts_itself_is_refused(tmp_path: Path, files: dict[str, str], message: str):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=message):
        catalogue(tmp_path)


@pytest.mark.parametrize("text", ["{a.b}", "{a:>5}", "{a!r}", "{}", "{0}"])
def test_a_gap_is_a_plain_name(text: str):
    with pytest.raises(ValueError, match="expected gaps such as"):
        gaps_of(text)
