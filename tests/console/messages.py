"""`python -m tests.console.messages` (`make messages`): bring the catalogues of the console to what the sources say.

A message is what `_`, `{% trans %}` and `said` are given. New ones are added without a translation, which a test then asks for;
ones that are no longer there are left out; a message whose English has changed is a new one. Nothing is guessed, and the same
sources give the same files: sorted, with no dates, no line numbers and no wrapping.
"""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import controller
from controller.console import words

SOURCES = Path(controller.__file__).parent
METHODS = [("**.py", "python"), ("console/templates/**.html", "jinja2")]
OPTIONS = {"console/templates/**.html": {"trimmed": "true", "silent": "false"}}
KEYWORDS = {
    "_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3), "said": None,
}  # fmt: skip
PLURALS = {"fr": "n > 1", "it": "n != 1", "nl": "n != 1", "de": "n != 1"}
"""When the second form is said. CLDR has a third in French and Italian, for whole millions: nothing is counted that far here."""
TRANSLATED = [language for language in words.LANGUAGES if language != "en"]


def path_of(language: str) -> Path:
    """Return where the catalogue of a language is."""
    return words.HERE / language / "LC_MESSAGES" / "console.po"


@cache
def extracted() -> Catalog:
    """Return what the sources say."""
    found = Catalog(charset="utf-8")
    for _, _, message, _, context in extract_from_dir(SOURCES, METHODS, OPTIONS, KEYWORDS):
        found.add(message, context=context)
    return found


def read(language: str) -> Catalog:
    """Return the catalogue of a language as it is; an empty one where there is none."""
    if not path_of(language).exists():
        return Catalog(locale=language)
    with path_of(language).open("rb") as source:
        return read_po(source, locale=language)


def written(language: str) -> str:
    """Return what the catalogue of a language is to be: the messages of the sources with the translations that there are."""
    known, made = read(language), Catalog(locale=language)
    made.mime_headers = [("Plural-Forms", forms(language))]
    for message in extracted():
        if message.id:
            old = known.get(message.id, message.context)
            same = old is not None and type(old.id) is type(message.id)
            made.add(message.id, old.string if old is not None and same else "", context=message.context)
    text = io.BytesIO()
    write_po(text, made, width=0, no_location=True, omit_header=True, sort_output=True)
    return f"{head(language)}\n{text.getvalue().decode()}".rstrip() + "\n"


def head(language: str) -> str:
    """Return the beginning of a catalogue, which has no dates and no names."""
    fields = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": forms(language),
    }
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{name}: {value}\\n"\n' for name, value in fields.items())


def forms(language: str) -> str:
    """Return how many forms a message with a number has, and which one is for `n`."""
    return f"nplurals=2; plural=({PLURALS[language]});"


def main() -> None:
    """Write all catalogues, and say how many messages each lacks."""
    for language in TRANSLATED:
        text = written(language)
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        path_of(language).write_text(text, encoding="utf-8")
        missing = len(untranslated(read(language)))
        print(f"{language}: {len(extracted())} messages, {missing} to be translated")  # noqa: T201


def forms_of(message: Message) -> list[str]:
    """Return the translation, each of its forms where it has several."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ("",))


def untranslated(catalogue: Catalog) -> list[Message]:
    """Return what has no translation, or not all forms of it."""
    return [one for one in catalogue if one.id and not all(forms_of(one))]


if __name__ == "__main__":
    main()
