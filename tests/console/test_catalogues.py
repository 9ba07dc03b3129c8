"""Every catalogue says everything that the sources say, in the right number of forms and with the gaps of each message."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from string import Formatter
from typing import Any

import pytest

from controller.console.words import LANGUAGES, PSEUDO, preferred, tongue
from controller.core.said import said, shape, word
from tests.console import messages

NAMED = re.compile(r"%\((\w+)\)s")
each_language = pytest.mark.parametrize("language", messages.TRANSLATED)


def gaps(text: str) -> list[str]:
    """Return the gaps of a message, of both kinds, each as it is written out."""
    if found := NAMED.findall(text):
        return sorted(found)
    parsed = Formatter().parse(text)
    return sorted(f"{name}!{how}:{spec}" for _, name, spec, how in parsed if name is not None)


@each_language
def test_a_catalogue_is_what_the_sources_say(language: str) -> None:
    """`make messages` brings it there; then what is new has to be translated."""
    assert messages.path_of(language).read_text(encoding="utf-8") == messages.written(language)


@each_language
def test_a_catalogue_lacks_nothing_and_leaves_nothing_in_doubt(language: str) -> None:
    catalogue = messages.read(language)
    assert len(messages.extracted()) > 400
    assert [one.id for one in messages.untranslated(catalogue)] == []
    assert [one.id for one in catalogue if one.id and one.fuzzy] == []
    assert list(catalogue.obsolete) == []


@each_language
def test_a_translation_has_the_gaps_of_its_message(language: str) -> None:
    wrong = [
        (one.id, form)
        for one in messages.read(language)
        if one.id
        for form in messages.forms_of(one)
        if gaps(form) != gaps(one.id if isinstance(one.id, str) else one.id[-1])
        and not (isinstance(one.id, tuple | list) and gaps(form) == gaps(one.id[0]))
    ]
    assert wrong == []


@each_language
def test_a_message_with_a_number_has_both_forms(language: str) -> None:
    with_number = [one for one in messages.read(language) if isinstance(one.id, tuple | list)]
    assert with_number
    assert {len(messages.forms_of(one)) for one in with_number} == {2}


@each_language
def test_a_translation_begins_and_ends_as_its_message(language: str) -> None:
    wrong = [
        (one.id, form)
        for one in messages.read(language)
        if one.id
        for form in messages.forms_of(one)
        if form != form.strip() or "  " in form or (form[-1] in ".…") != (_last(one.id) in ".…")
    ]
    assert wrong == []


def _last(message: str | tuple[str, ...] | list[str]) -> str:
    return (message if isinstance(message, str) else message[-1])[-1]


def test_none_is_one_of_several_in_french_only() -> None:
    said_of = {language: [tongue(language).messages.ngettext("%(count)s hour", "%(count)s hours", n) for n in (0, 1, 2)]
               for language in messages.TRANSLATED}  # fmt: skip
    assert said_of["fr"] == ["%(count)s heure", "%(count)s heure", "%(count)s heures"]
    assert said_of["de"] == ["%(count)s Stunden", "%(count)s Stunde", "%(count)s Stunden"]


def told(language: str, sentence: str) -> str:
    return tongue(language).told({"because": sentence, "words": {"because": shape(sentence)}}, "because")


def test_r09_a_refusal_is_told_in_each_language_with_its_numbers() -> None:
    clear = said("loop clear for {clear:.1f} s only; {needed:.1f} s is required", clear=0.42, needed=1.0)
    assert told("en", clear) == "loop clear for 0.4 s only; 1.0 s is required"
    assert told("fr", clear) == "boucle libre depuis 0,4\u00a0s seulement\u00a0; 1,0\u00a0s exigées"
    assert told("it", clear) == "spira libera da soli 0,4\u00a0s; ne occorrono 1,0\u00a0s"
    assert told("nl", clear) == "lus pas 0,4\u00a0s vrij; 1,0\u00a0s is vereist"
    assert told("de", clear) == "Schleife erst 0,4\u00a0s frei; 1,0\u00a0s sind nötig"


def test_a_word_in_the_gap_of_a_sentence_is_translated_and_a_name_is_not() -> None:
    row = said("the other row is {state}, not confirmed secured", state=word("lowered"))
    sentence = said("{rule} {device}: {because}", rule="airlock", device="lowered", because=row)
    assert told("de", sentence) == "airlock lowered: andere Reihe: unten, Sperrung nicht bestätigt"


def test_a_whole_number_in_a_gap_has_no_decimals() -> None:
    assert told("de", said("{count} passages are under way, as many as there may be", count=20)).startswith("20 ")
    sentence = said("{output} {level!r}: expected `command` with one of {codes}", output="out", level=3, codes="1, 2")
    assert told("fr", sentence).startswith("out 3\u00a0:")


def test_what_somebody_wrote_stays_and_is_marked() -> None:
    thing: dict[str, Any] = {"reason": "<b>pump</b>", "words": {}}
    assert tongue("fr").told(thing, "reason") == '<span translate="no">&lt;b&gt;pump&lt;/b&gt;</span>'
    assert tongue("fr").told({"reason": ""}, "reason") == ""


@pytest.mark.parametrize(
    ("language", "moment", "clock"),
    [
        ("en", "5 Jul 2026, 14:04:05", "14:04:05"),
        ("fr", "5 juil. 2026, 14:04:05", "14:04:05"),
        ("it", "5 lug 2026, 14:04:05", "14:04:05"),
        ("nl", "5 jul 2026, 14:04:05", "14:04:05"),
        ("de", "05.07.2026, 14:04:05", "14:04:05"),
    ],
)
def test_times_are_those_of_the_site(language: str, moment: str, clock: str) -> None:
    here, label = tongue(language).at("Europe/Paris"), "2026-07-05T12:04:05.678Z"
    assert here.moment(label) == moment
    assert here.clock(label, datetime(2026, 7, 5, 21, 59, tzinfo=UTC)) == clock
    # What was last known yesterday must not be taken for a time of today.
    assert here.clock(label, datetime(2026, 7, 5, 22, 1, tzinfo=UTC)) == moment
    assert (here.moment(None), here.clock("")) == ("–", "–")


def test_spans_and_numbers_are_written_as_people_do() -> None:
    now = datetime(2026, 7, 5, 12, 4, 5, tzinfo=UTC)
    assert "vor 3 Minuten" in tongue("de").ago("2026-07-05T12:01:05Z", now)
    assert tongue("it").span(7200) == "2 ore"
    assert tongue("nl").number(1234.5) == "1.234,5"
    assert tongue("en").number(1234.5) == "1,234.5"


def test_a_page_says_its_language() -> None:
    assert [tongue(language).tag for language in (*LANGUAGES, PSEUDO)] == ["en-GB", "fr", "it", "nl", "de", "en-GB"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"), ("fr-FR,fr;q=0.9,en;q=0.8", "fr"), ("es, nl;q=0.5, de;q=0.7", "de"), ("it;q=0, nl", "nl"),
        ("*", "en"), ("de;q=much", "en"), ("FR", "fr"),
    ],
)  # fmt: skip
def test_before_anybody_logs_in_the_browser_says_its_language(header: str, language: str) -> None:
    assert preferred(header) == language
