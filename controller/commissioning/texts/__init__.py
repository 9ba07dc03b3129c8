"""The words that people are shown, by key, in English, French and Italian.

Each file `*.yaml` beside this one maps keys to one text a language; all of them together are the catalogue, so that a new topic
is a new file. Gaps are plain `{name}`. A key that is not known is told as the key and what would fill its gaps: a report is never
lost over a word. tests/commissioning/test_texts.py sees that every language has every key with the same gaps, and that every key
that a source names is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from controller.commissioning.record import Words

LANGUAGES = ("en", "fr", "it")
HERE = Path(__file__).parent


@cache
def catalogue(folder: Path = HERE) -> Mapping[str, Mapping[str, str]]:
    """Return text by language by key; raises ValueError where two files have the same key or an entry is no text."""
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted(folder.glob("*.yaml")):
        for key, texts in yaml.safe_load(path.read_text("utf-8")).items():
            if key in found:
                raise ValueError(f"{path}: {key} is in another file too")
            if not isinstance(texts, Mapping) or not all(isinstance(text, str) for text in texts.values()):
                raise ValueError(f"{path}: {key}: expected a text for each of {', '.join(LANGUAGES)}")
            found[key] = texts
    return found


def gaps_of(text: str) -> set[str]:
    """Return the names of the gaps of `text`; raises ValueError for one that is more than a plain name."""
    names = set()
    for _, name, form, conversion in Formatter().parse(text):
        if name is None:
            continue
        if form or conversion or not name.isidentifier():
            raise ValueError(f"{text!r}: expected gaps such as {{name}} only")
        names.add(name)
    return names


class Texts:
    """The catalogue in one language."""

    def __init__(self, language: str) -> None:
        """Raises ValueError for a language that the catalogue does not have."""
        if language not in LANGUAGES:
            raise ValueError(f"language {language!r}: expected one of {', '.join(LANGUAGES)}")
        self.language = language

    def __call__(self, key: str, /, **gaps: Any) -> str:
        """Return the text of `key` with its gaps filled; the key and its gaps where there is no such text or a gap is left."""
        text = catalogue().get(key, {}).get(self.language)
        told = {name: self.value(gap) for name, gap in gaps.items()}
        if text is not None and gaps_of(text) <= set(told):
            return text.format(**told)
        return " ".join([key, *(f"{name}={value}" for name, value in told.items())])

    def words(self, words: Words) -> str:
        """Tell `words`."""
        return self(words.key, **{str(name): value for name, value in words.gaps.items()})

    def or_name(self, prefix: str, name: str) -> str:
        """Return the text of `prefix.name`; `name` itself where the catalogue has none: names of sites and models are free."""
        key = f"{prefix}.{name}"
        return self(key) if key in catalogue() else name

    def value(self, value: Any) -> str:
        """Tell what fills a gap: words inside words, numbers with the language's decimal sign, lists with commas."""
        if isinstance(value, Words):
            return self.words(value)
        if isinstance(value, Mapping):
            if set(value) == {"key", "gaps"} and isinstance(value["key"], str) and isinstance(value["gaps"], Mapping):
                return self.words(Words(value["key"], value["gaps"]))
            return ", ".join(f"{name}: {self.value(one)}" for name, one in value.items())
        if isinstance(value, bool):
            return self("report.yes" if value else "report.no")
        if isinstance(value, float):
            return self.number(value)
        if isinstance(value, list | tuple):
            return ", ".join(map(self.value, value))
        return self("report.none") if value is None else str(value)

    def number(self, value: float, digits: int = 3) -> str:
        """Tell a number with at most `digits` decimals."""
        text = f"{value:.{digits}f}".rstrip("0").rstrip(".") if value == value else "?"
        return text if self.language == "en" else text.replace(".", ",")

    def seconds(self, value: float | None) -> str:
        """Tell a duration; a hundredth of a second is what the wires' polling can show."""
        return "–" if value is None else f"{self.number(value, 2)} s"

    def time(self, at: str) -> str:
        """Tell an RFC 3339 time, to the second, with its zone; as it stands where it is none."""
        try:
            told = datetime.fromisoformat(at)
        except ValueError:
            return at
        zone = "UTC" if not told.utcoffset() else told.strftime("%z")
        return f"{told:%Y-%m-%d %H:%M:%S} {zone}" if told.tzinfo else at
