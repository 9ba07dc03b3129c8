"""A sentence that is written in English and can be said in another language: its words, and what fills their gaps.

A `Said` is the English sentence, a string like any other: it is compared, stored and shown as that. Beside it stands what a
translation needs, the `template` that is looked up in a catalogue and the `gaps` in it. A gap holds a name, a number, or a
sentence again. So whoever decides writes one sentence, and whoever shows it chooses the language: `controller/translating.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

Gap = str | int | float | None
"""What can stand in a gap. A `Said` is a sentence or a word of its own; any other string, a name, stays as it is."""


class Said(str):
    """An English sentence with its template and what was put into the gaps of that (`str.format`). A value: never changed."""

    __slots__ = ("gaps", "template")
    template: str
    gaps: Mapping[str, Gap]

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, tuple[str, Mapping[str, Gap]]]:
        return _filled, (self.template, self.gaps)


def _filled(template: str, gaps: Mapping[str, Gap]) -> Said:
    # By hand: a constructor of its own would cost as much again, and refusals are looked for all the time.
    sentence = _new(Said, template.format_map(gaps))
    sentence.template, sentence.gaps = template, gaps
    return sentence


_new = str.__new__
_WHOLE: dict[str, Said] = {}
"""Sentences without gaps, each made once."""


def said(template: str, /, **gaps: Gap) -> Said:
    """Say `template` with its gaps filled. It is a literal wherever this is called: catalogues are made from these calls.

    Raises KeyError for a gap that nothing is there for.
    """
    return _filled(template, gaps) if gaps else word(template)


def word(name: str) -> Said:
    """Return a word of one of the lists in `vocabulary.py`, such as a state, so that it is translated where it fills a gap."""
    known = _WHOLE.get(name)
    if known is None:
        known = _WHOLE[str(name)] = _filled(str(name), {})
    return known


def together(sentences: Sequence[str]) -> str:
    """Return the sentences as one, with semicolons between them; empty where there are none."""
    if len(sentences) < 2:
        return sentences[0] if sentences else ""
    return said("{one}; {more}", one=sentences[0], more=together(sentences[1:]))


def shape(text: str) -> dict[str, Any] | None:
    """Return a sentence as plain data, `{"id": template, "gaps": {…}}`, sentences in its gaps too; None for any other string."""
    if not isinstance(text, Said):
        return None
    return {"id": text.template, "gaps": {name: _plain(gap) for name, gap in text.gaps.items()}}


def _plain(gap: Gap) -> Any:
    return shape(gap) or str(gap) if isinstance(gap, str) else gap
