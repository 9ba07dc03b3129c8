"""What a name and a password must be."""

from __future__ import annotations

import pytest

from controller.people import rules
from controller.people.errors import Unfit


@pytest.mark.parametrize("name", ["olga", "Zoé Martin", "o'neill", "a.b@example.org", "Jean-Luc", "渡辺", "x" * 64])
def test_a_name_of_a_person_is_taken(name: str):
    assert rules.name(f"  {name} ") == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "\u200b",
        "x" * 65,
        "..",
        "- _",
        "a/b",
        "a:b",
        "luc (local-token)",
        "local-token",
        "Supervisor-Token",
        "a\u202eb",
    ],
)
def test_what_could_be_taken_for_something_else_is_no_name(name: str):
    with pytest.raises(Unfit, match=r"^name: "):
        rules.name(name)


@pytest.mark.parametrize(
    "password", ["", "short", "eleven char", "x" * 257, "aaaaaaaaaaaaaaaaaa", "Rempart-Demo", "OLGA  von Bingen"]
)
def test_a_password_that_everybody_would_try_is_refused(password: str):
    with pytest.raises(Unfit, match=r"^password: "):
        rules.password(password, "olga von bingen")


def test_a_password_is_the_same_on_every_keyboard():
    assert rules.password("l'e\u0301te\u0301 a\u0300 Nice", "olga") == "l'été à Nice"
    assert rules.taken("e\u0301") == rules.taken("é")


@pytest.mark.parametrize(("check", "wrong"), [(rules.role, "root"), (rules.language, "eo")])
def test_a_role_and_a_language_are_of_a_closed_set(check, wrong: str):
    with pytest.raises(Unfit, match=f"expected one of .*, found '{wrong}'"):
        check(wrong)
