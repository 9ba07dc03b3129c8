"""When two names are the same person: one who writes his own differently must not pass for a second one.

A name is a claim. All that can be done is to take two writings of it that nobody would tell apart for one.
"""

from __future__ import annotations

from unicodedata import category, normalize


def key(name: str) -> str:
    """Return what two writings of one person's name have in common, and no two persons'."""
    seen = "".join(letter for letter in normalize("NFKC", name.casefold()) if category(letter) != "Cf")
    return " ".join(normalize("NFKC", seen.casefold()).split())


def written(name: str) -> str:
    """Return the name as it is kept: no blank before, behind, or twice; empty where nothing can be seen of it."""
    return " ".join(name.split()) if key(name) else ""


def same(one: str, other: str) -> bool:
    """Tell whether two names are one person's: upper and lower case, blanks and what cannot be seen tell nobody apart."""
    return key(one) == key(other)
