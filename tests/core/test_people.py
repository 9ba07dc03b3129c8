"""When two names are the same person."""

from __future__ import annotations

import pytest

from controller.core.command import Refusal, Rule, Switch
from controller.core.modes import Holds, Mode, Tag, forbidden, switched
from controller.core.people import same, written
from tests.core.test_modes import after, order, refusal, said

TAG = Tag("t1", "Anna Weiß", "hydraulics")
LIKE_HER = ("anna weiß", " Anna  Weiß ", "ANNA WEISS", "Anna\u00a0Weiß", "An\u200bna Weiß")


@pytest.mark.parametrize("name", LIKE_HER)
def test_a_name_that_is_written_otherwise_is_the_same_person(name: str) -> None:
    assert same(name, TAG.owner)


def test_an_accent_is_one_letter_or_two() -> None:
    assert same("Zoé", "Zoe\u0301")
    assert not same("Zoé", "Zoe")


@pytest.mark.parametrize("other", ["", "Anna", "AnnaWeiß"])
def test_another_name_is_another_person(other: str) -> None:
    assert not same(other, TAG.owner)


@pytest.mark.parametrize(
    ("name", "kept"), [("  Zoé \t Martin ", "Zoé Martin"), ("", ""), (" \u00a0 ", ""), ("\u200b\u2060", "")]
)
def test_a_name_is_kept_without_blanks_too_many(name: str, kept: str) -> None:
    assert written(name) == kept


@pytest.mark.parametrize("name", LIKE_HER)
def test_an_owner_lifts_her_own_however_she_writes_herself(name: str) -> None:
    assert said(Holds(tags=(TAG,)), Switch.LIFT, name) == "lifted"


@pytest.mark.parametrize("name", LIKE_HER)
def test_one_person_is_not_two_who_lift_anothers_lock_out(name: str) -> None:
    asked = after(Holds(tags=(Tag("t2", "luc", "loops"),)), Switch.LIFT, TAG.owner)
    assert refusal(asked, Switch.LIFT, name).rule is Rule.LOCKED_OUT


@pytest.mark.parametrize("name", LIKE_HER)
def test_whoever_holds_the_test_is_the_same_person_however_the_name_is_written(name: str) -> None:
    held = Holds(test=TAG.owner)
    assert said(held, Switch.TEST, name) == "it is in test already"
    assert said(held, Switch.END_TEST, name) == "test ended"
    assert forbidden(held, Mode.TEST, "steel", order(Switch.TEST, name)) == []
    assert isinstance(switched(held, Mode.TEST, order(Switch.TEST, "luc"), "steel"), Refusal)
