"""Sentences in another language: gaps filled, sentences in gaps too, and English wherever a catalogue is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from controller.core.said import said, shape, word
from controller.translating import translated

CLEAR = "loop clear for {clear:.1f} s only; {needed:.1f} s is required"
FRENCH = {
    CLEAR: "{needed:.1f} s exigées ; boucle libre depuis {clear:.1f} s seulement",
    "the other row is {state}, not confirmed secured": "l'autre rangée est {state}, fermeture non confirmée",
    "lowered": "abaissée",
    "{rule} {device}: {because}": "{rule} {device} : {because}",
}


def into(catalogue: Mapping[str, str], told: str) -> str:
    found = shape(told)
    assert found is not None
    return translated(found, lambda message: catalogue.get(message, message))


def test_gaps_are_filled_in_the_order_of_the_other_language():
    told = said(CLEAR, clear=0.42, needed=1.0)
    assert into(FRENCH, told) == "1.0 s exigées ; boucle libre depuis 0.4 s seulement"


def test_sentences_in_gaps_are_translated_and_names_stay():
    row = said("the other row is {state}, not confirmed secured", state=word("lowered"))
    told = said("{rule} {device}: {because}", rule="airlock", device="lowered", because=row)
    assert into(FRENCH, told) == "airlock lowered : l'autre rangée est abaissée, fermeture non confirmée"


def test_without_an_entry_it_is_the_english_sentence():
    told = said(CLEAR, clear=0.42, needed=1.0)
    assert into({}, told) == told


@pytest.mark.parametrize(
    "wrong",
    [
        "boucle libre",
        "{clear:.1f}, {needed:.1f}, {autre}",
        "{clear:.1f} {need:.1f}",
        "{clear.__class__} {needed:.1f}",
        "{clear:.1f} {needed:.{clear}f}",
        "{clear:9999999999}{needed:.1f}",
        "{0} {}",
        "{clear:.1f} {needed:.1f",
        "}",
    ],
)
def test_an_entry_that_does_not_hold_the_gaps_of_its_sentence_is_passed_over(wrong: str):
    told = said(CLEAR, clear=0.42, needed=1.0)
    assert into({CLEAR: wrong}, told) == told


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ({}, ""),
        ({"id": ""}, ""),
        ({"id": 3, "gaps": {}}, ""),
        ({"id": "it is {state}"}, "it is {state}"),
        ({"id": "it is {state}", "gaps": None}, "it is {state}"),
        ({"id": "{clear:.1f} s", "gaps": {"clear": None}}, "{clear:.1f} s"),
        ({"id": "{clear.real} s", "gaps": {"clear": 1}}, "{clear.real} s"),
        ({"id": "50 { of", "gaps": {}}, "50 { of"),
    ],
)
def test_what_is_no_sentence_is_shown_as_far_as_it_goes(found: dict[str, Any], shown: str):
    assert translated(found, lambda message: message) == shown


def test_the_head_of_a_catalogue_is_no_sentence():
    assert translated({"id": "", "gaps": {}}, lambda _: "Project-Id-Version: rempart") == ""
