"""A sentence of the controller in the language of whoever reads it: what the API shows of it as `words`, and a catalogue.

It stands alone, for clients of the API in processes of their own. A catalogue is written by people, so nothing in it can do harm:
an entry that does not hold exactly the gaps of its sentence is passed over, and the sentence stays English.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from string import Formatter
from typing import Any

Catalogue = Callable[[str], str]
"""Returns the translation of a message, or the message where it has none: `gettext.GNUTranslations.gettext`."""

_FORMATTER = Formatter()


def translated(shape: Mapping[str, Any], catalogue: Catalogue) -> str:
    """Return the sentence `{"id": …, "gaps": {…}}` by `catalogue`, English where that has no usable entry. Never raises.

    Names and numbers in the gaps stay as they are; sentences in them are translated too.
    """
    template = shape.get("id")
    if not isinstance(template, str) or not template:
        return ""
    gaps = shape.get("gaps")
    filled = {
        name: translated(gap, catalogue) if isinstance(gap, Mapping) else gap
        for name, gap in (gaps if isinstance(gaps, Mapping) else {}).items()
    }
    for wording in (_entry(template, catalogue), template):
        if wording is not None and (sentence := _filled(wording, filled)) is not None:
            return sentence
    return template


def _entry(template: str, catalogue: Catalogue) -> str | None:
    """Return the catalogue's entry where it can take the place of `template`."""
    entry = catalogue(template)
    fields = _fields(template)
    return entry if fields is not None and _fields(entry) == fields else None


@lru_cache(4096)
def _fields(text: str) -> frozenset[tuple[str, str, str]] | None:
    """Return the gaps of `text`, each with how it is written out; None where they cannot be read."""
    try:
        found = [(name, how or "", spec or "") for _, name, spec, how in _FORMATTER.parse(text) if name is not None]
    except ValueError:
        return None
    plain = all(name.isidentifier() and "{" not in spec for name, _, spec in found)
    return frozenset(found) if plain else None


def _filled(wording: str, gaps: Mapping[str, Any]) -> str | None:
    if _fields(wording) is None:
        return None
    try:
        return wording.format_map(gaps)
    except (KeyError, ValueError, TypeError):
        # A number that JSON cannot say came as null, or a gap is not there at all.
        return None
