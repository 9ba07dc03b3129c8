"""Words that are not known: what may have been meant, and which there are."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def unknown(what: str, given: object, known: Iterable[str], hint: str = "") -> str:
    """Say that a word is not known, which one may have been meant, and which there are."""
    words = sorted(known)
    return f"{what} `{given}` is not known{hint or suggest(given, words)} (known: {', '.join(words) or 'none'})"


def missing(what: str, given: object, known: Iterable[str]) -> str:
    """Say that there is nothing of that name, which one may have been meant, and which there are in their own order."""
    words = list(known)
    return f"{what} {given!r}{suggest(given, words)} (known: {', '.join(words) or 'none'})"


def suggest(given: object, known: Iterable[str]) -> str:
    """Return "; did you mean `x`?" for the nearest known word, and nothing if none is near."""
    close = get_close_matches(str(given), list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""
