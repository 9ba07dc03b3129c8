"""A sentence is its English text wherever a string is, and carries along what a translation of it needs."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, replace
from typing import TYPE_CHECKING

import pytest

from controller.core import replacing
from controller.core.command import Life, Refusal, Rule
from controller.core.said import Said, said, shape, together, word

if TYPE_CHECKING:
    from collections.abc import Callable

CLEAR = said("loop clear for {clear:.1f} s only; {needed:.1f} s is required", clear=0.42, needed=1.0)
ENGLISH = "loop clear for 0.4 s only; 1.0 s is required"


def test_it_is_the_english_sentence() -> None:
    assert CLEAR == ENGLISH
    assert {ENGLISH: 1}[CLEAR] == 1
    assert (f"R09: {CLEAR}", json.dumps([CLEAR])) == (f"R09: {ENGLISH}", json.dumps([ENGLISH]))


def test_it_carries_its_template_and_what_is_in_the_gaps() -> None:
    assert CLEAR.template == "loop clear for {clear:.1f} s only; {needed:.1f} s is required"
    assert CLEAR.gaps == {"clear": 0.42, "needed": 1.0}


@dataclass(frozen=True, slots=True)
class Held:
    """Something that is told and has a second field, so that it is copied slot by slot."""

    told: str
    count: int = 0


def through_replace(sentence: Said) -> str:
    return replace(Held(sentence), count=1).told


def through_the_quick_replace(sentence: Said) -> str:
    return replacing.replace(Held(sentence), count=1).told


def through_asdict(sentence: Said) -> str:
    told: str = asdict(Held(sentence))["told"]
    return told


def through_pickle(sentence: Said) -> str:
    told: str = pickle.loads(pickle.dumps(sentence))
    return told


@pytest.mark.parametrize(
    "way", [through_replace, through_the_quick_replace, through_asdict, through_pickle, copy.copy, copy.deepcopy]
)
def test_it_stays_what_it_is_through_every_copy(way: Callable[[Said], str]) -> None:
    told = way(said("fault: {why}", why=CLEAR))
    assert told == f"fault: {ENGLISH}"
    assert shape(told) == {"id": "fault: {why}", "gaps": {"why": shape(CLEAR)}}


def test_a_value_that_holds_one_is_as_frozen_as_before() -> None:
    with pytest.raises(FrozenInstanceError):
        Refusal(Rule.PRESENCE, "loop", CLEAR).because = ""  # type: ignore[misc]


def test_a_sentence_without_gaps_is_made_once() -> None:
    assert said("loop occupied") is said("loop occupied")
    assert said("loop occupied").gaps == {}


def test_a_gap_that_nothing_is_there_for_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="needed"):
        said("{needed:.1f} s is required", clear=1.0)


def test_a_word_of_a_list_is_itself_and_translated_in_a_gap() -> None:
    assert word(Life.FAILED) == "failed"
    assert shape(said("it is {state}", state=word(Life.FAILED))) == {
        "id": "it is {state}",
        "gaps": {"state": {"id": "failed", "gaps": {}}},
    }


def test_names_and_numbers_stay_what_they_are() -> None:
    assert shape(said("{device} {level!r} {count:d}", device="b-1", level=True, count=3)) == {
        "id": "{device} {level!r} {count:d}",
        "gaps": {"device": "b-1", "level": True, "count": 3},
    }


def test_another_text_has_no_words() -> None:
    assert shape("what a library says") is None


def test_sentences_are_told_together() -> None:
    assert together([]) == ""
    assert together([CLEAR]) is CLEAR
    assert together(["a", "b", "c"]) == "a; b; c"
    assert shape(together([CLEAR, "b"])) == {"id": "{one}; {more}", "gaps": {"one": shape(CLEAR), "more": "b"}}


def test_rule_10_a_refusal_is_told_whole() -> None:
    refusal = Refusal(Rule.PRESENCE, "entry", CLEAR)
    assert refusal.told == str(refusal) == f"R09 entry: {ENGLISH}"
    assert shape(refusal.told) == {
        "id": "{rule} {device}: {because}",
        "gaps": {"rule": "R09", "device": "entry", "because": shape(CLEAR)},
    }
