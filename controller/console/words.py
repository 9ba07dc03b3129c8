"""The languages of the console: gettext catalogues, read as they are, and dates as people write them.

The catalogues are `locale/*/LC_MESSAGES/console.po`. A word that the controller uses (a state, a mode, an action) is a message of
its own. What it says in whole sentences comes with `words`, from which `told` makes the sentence; what a person wrote, and what
was read back from the journal, stays as it is.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, format_time, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, get_decimal_symbol
from markupsafe import Markup

from controller.console.pseudo import Pseudo
from controller.translating import translated

HERE = Path(__file__).parent / "locale"
LANGUAGES = {"en": "English", "fr": "Français", "it": "Italiano", "nl": "Nederlands", "de": "Deutsch"}
"""Each language by its own name."""
PSEUDO = "qps"
"""Not a language: every message in brackets, so that what was never given to a catalogue stands out."""
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language: its messages, and how it writes dates and numbers; `zone` is where the site lies, as IANA names it."""

    language: str
    messages: gettext.NullTranslations
    locale: Locale
    zone: str = "UTC"

    @property
    def tag(self) -> str:
        """Return what a page says that its language is (BCP 47)."""
        return str(self.locale).replace("_", "-")

    def at(self, zone: str) -> Tongue:
        """Return this language where the clocks show the time of `zone`."""
        return replace(self, zone=zone)

    def say(self, message: str, **gaps: object) -> str:
        """Return `message` in this language, its gaps `%(name)s` filled."""
        told = self.messages.gettext(message)
        return told % gaps if gaps else told

    def told(self, thing: Mapping[str, Any], field: str) -> str:
        """Return the sentence in a field of what the API tells; marked as not to be translated where somebody wrote it."""
        shape = (thing.get("words") or {}).get(field)
        if isinstance(shape, Mapping) and (
            sentence := translated(_figures(shape, self._decimal), self.messages.gettext)
        ):
            return sentence
        plain = str(thing[field] or "")
        if not plain or self.language == "en":
            return plain
        return Markup('<span translate="no">{}</span>').format(plain)

    def moment(self, label: str | None) -> str:
        """Write an instant (RFC 3339) with its date, as the site's clocks show it."""
        if not label:
            return NOTHING
        return self._own(format_datetime(_instant(label), "medium", ZoneInfo(self.zone), self.locale))

    def clock(self, label: str | None, now: datetime | None = None) -> str:
        """Write the time of day of an instant (RFC 3339), as the site's clocks show it; of one that is not of today all of it."""
        if not label:
            return NOTHING
        zone = ZoneInfo(self.zone)
        if _instant(label).astimezone(zone).date() != (now or datetime.now(zone)).astimezone(zone).date():
            return self.moment(label)
        return self._own(format_time(_instant(label), "medium", ZoneInfo(self.zone), self.locale))

    def ago(self, label: str, now: datetime) -> str:
        """Say how long ago an instant (RFC 3339) was."""
        return self._own(format_timedelta(_instant(label) - now, add_direction=True, locale=self.locale))

    def span(self, seconds: float) -> str:
        """Say how long something takes."""
        return self._own(format_timedelta(timedelta(seconds=seconds), locale=self.locale))

    def number(self, value: float) -> str:
        """Write a number."""
        return format_decimal(value, locale=self.locale)

    def _own(self, text: str) -> str:
        """Return what Babel wrote; as a message, where no language is meant."""
        return self.messages.gettext(text) if self.language == PSEUDO else text

    @property
    def _decimal(self) -> str:
        return get_decimal_symbol(self.locale)


class _Figure(float):
    """A number in a sentence, written with the decimal sign of a language."""

    __slots__ = ("decimal",)
    decimal: str

    def __format__(self, how: str) -> str:
        whole = self.is_integer() and not how
        return (format(int(self), "") if whole else float.__format__(self, how)).replace(".", self.decimal)

    def __repr__(self) -> str:
        return format(self, "")


def _figures(shape: Mapping[str, Any], decimal: str) -> dict[str, Any]:
    gaps = shape.get("gaps")
    filled: dict[str, Any] = {}
    for name, gap in (gaps if isinstance(gaps, Mapping) else {}).items():
        filled[name] = gap
        if isinstance(gap, Mapping):
            filled[name] = _figures(gap, decimal)
        elif isinstance(gap, int | float) and not isinstance(gap, bool):
            filled[name] = _Figure(gap)
            filled[name].decimal = decimal
    return {"id": shape.get("id"), "gaps": filled}


def _instant(label: str) -> datetime:
    return datetime.fromisoformat(label)


@cache
def tongue(language: str) -> Tongue:
    """Return a language; English for one that is not there."""
    if language == PSEUDO:
        return Tongue(PSEUDO, Pseudo(), Locale("en", "GB"))
    if language not in LANGUAGES:
        language = "en"
    locale = Locale("en", "GB") if language == "en" else Locale(language)
    path = HERE / language / "LC_MESSAGES" / "console.po"
    if not path.exists():
        return Tongue(language, gettext.NullTranslations(), locale)
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language)
    written = io.BytesIO()
    write_mo(written, catalogue)
    written.seek(0)
    return Tongue(language, gettext.GNUTranslations(written), locale)


def preferred(accepted: str) -> str:
    """Return the language of an Accept-Language header that there is; English where there is none."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:20]):
        name, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((-float(quality or 1), place, name.partition("-")[0].lower()))
        except ValueError:
            continue
    return next((name for weight, _, name in sorted(wanted) if weight and name in LANGUAGES), "en")
