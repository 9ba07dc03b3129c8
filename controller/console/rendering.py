"""Pages and parts of pages in each language: one Jinja environment a language, everything escaped unless it says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from controller.console import alarm_list, shown, vocabulary
from controller.console.visitor import Visitor, spoken
from controller.console.words import LANGUAGES, Tongue, tongue

HERE = Path(__file__).parent
TABLES = {
    "state": vocabulary.STATES,
    "mode": vocabulary.MODES,
    "kind": vocabulary.KINDS,
    "action": vocabulary.ACTIONS,
    "life": vocabulary.LIVES,
    "look": vocabulary.LOOKS,
    "alarm_state": vocabulary.ALARM_STATES,
    "quality": vocabulary.QUALITIES,
    "role": vocabulary.ROLES,
    "problem": vocabulary.PROBLEMS,
    "stage": vocabulary.STAGES,
    "form": vocabulary.FORMS,
    "record": vocabulary.RECORDS,
}


@cache
def environment(language: str) -> Environment:
    """Return the environment of a language."""
    spoken_in = tongue(language)
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(spoken_in.messages, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(shown=shown, alarm_list=alarm_list, languages=LANGUAGES, version=version("rempart"))
    for name, table in TABLES.items():
        made.filters[name] = _word(spoken_in, table)
    made.filters["told"] = spoken_in.told
    return made


def _word(spoken_in: Tongue, table: Mapping[str, str]) -> Any:
    def said(word: str) -> str:
        return spoken_in.say(table[word]) if word in table else word

    return said


def _local(language: str, values: Mapping[str, Any]) -> Tongue:
    """Return the language of a page, with the clocks of the site that is on it."""
    return tongue(language).at(values["site"]["timezone"]) if values.get("site") else tongue(language)


def part(language: str, name: str, **values: Any) -> str:
    """Return a part of a page, from `templates/fragments`; times in it are those of `site`, if that is among the values."""
    template = environment(language).get_template(f"fragments/{name}.html")
    return template.render(now=datetime.now(UTC), tongue=_local(language, values), **values)


def page(request: Request, name: str, visitor: Visitor | None, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a whole page, that nobody keeps."""
    language = visitor.tongue.language if visitor else spoken(request)
    template = environment(language).get_template(f"{name}.html")
    content = template.render(
        visitor=visitor,
        language=language,
        tongue=_local(language, values),
        path=request.url.path,
        nonce=request.state.nonce,
        now=datetime.now(UTC),
        page=name,
        **values,
    )
    return HTMLResponse(content, status, {"Cache-Control": "no-store", "Content-Language": language})


def problem(request: Request, status: int, code: str, told: Mapping[str, Any] | None = None) -> HTMLResponse:
    """Return a page that says what went wrong; `told` is the error of the API, in whose `message` and `words` the details are."""
    known = code if code in vocabulary.PROBLEMS else ""
    return page(request, "problem", None, status, message="", problem={"message": "", **(told or {}), "code": known})
