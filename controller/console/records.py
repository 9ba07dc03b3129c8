"""What a record of the journal says to a person: what happened, who did it, and why. Values in, values out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controller.console import vocabulary

Told = Mapping[str, Any]
Say = Callable[[str], str]

KINDS = tuple(vocabulary.RECORDS)
"""The kinds of records there are."""

_WORDS: Mapping[str, str] = {**vocabulary.LIVES, **vocabulary.STAGES, **vocabulary.EVENTS}
_TOLD = frozenset({"who", "why", "what", "event", "by", "user"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """A record in words; empty where it does not say."""

    what: str
    who: str = ""
    why: str = ""


def meaning(record: Told, say: Say) -> Meaning:
    """Return what a record says. `say` gives a message its words."""
    body: Told = record["body"]
    match record["kind"]:
        case "command" | "turned-away":
            return _order(body, say)
        case "device":
            was, state = (
                _word(vocabulary.STATES, body.get("was"), say),
                _word(vocabulary.STATES, body.get("state"), say),
            )
            return Meaning(state if was == state else f"{was} → {state}", "", _text(body.get("why")))
        case "mode":
            return _mode(body, say)
        case "passage":
            return _passage(body, say)
        case "alarm":
            what = f"{_text(body.get('name'))}: {_word(_WORDS, body.get('event'), say)}".removeprefix(": ")
            why = _text(body.get("why")) or _text(body.get("text"))
            return Meaning(what, _text(body.get("who")), why)
    return _other(body, say)


def _order(body: Told, say: Say) -> Meaning:
    life = _word(vocabulary.LIVES, body.get("life"), say) or say(vocabulary.TURNED_AWAY)
    what = (
        " ".join((_word(vocabulary.ACTIONS, body["action"], say), _text(body.get("target"))))
        if "action" in body
        else ""
    )
    who = _person(body)
    return Meaning(f"{what}: {life}" if what else life, who, _reasons(body))


def _passage(body: Told, say: Say) -> Meaning:
    stage = _word(vocabulary.STAGES, body.get("stage"), say)
    what = ", ".join(filter(None, (_text(body.get("target")), _text(body.get("vehicle")))))
    return Meaning(f"{what}: {stage}" if what else stage, _person(body), _reasons(body))


def _mode(body: Told, say: Say) -> Meaning:
    was, mode = _word(vocabulary.MODES, body.get("was"), say), _word(vocabulary.MODES, body.get("mode"), say)
    held = body.get("holds") or {}
    tags = held.get("tags") or ()
    who = [tag.get("owner", "") for tag in tags]
    who += [held["efo"].get("by", "")] if held.get("efo") else []
    who += [held["test"]] if held.get("test") else []
    why = "; ".join(f"{tag.get('owner', '')}: {tag.get('why', '')}" for tag in tags)
    return Meaning(mode if was == mode else f"{was} → {mode}", ", ".join(dict.fromkeys(who)), why)


def _other(body: Told, say: Say) -> Meaning:
    what = _word(_WORDS, body.get("event") or body.get("what"), say)
    rest = {name: value for name, value in body.items() if name not in _TOLD and value not in ("", [], {}, None)}
    told = "; ".join(f"{name}: {_text(value)}" for name, value in rest.items())
    by, user = _text(body.get("by") or body.get("who")), _text(body.get("user"))
    if by and user:
        what = f"{user}: {what}"
    return Meaning(what, by or user, _text(body.get("why")) or told)


def _person(body: Told) -> str:
    """Return who is behind an order, and with what they came where that is not their own name."""
    by, principal = _text(body.get("by")), _text(body.get("principal"))
    return f"{by} ({principal})" if by and principal and by != principal else by or principal


def _reasons(body: Told) -> str:
    refusals: Sequence[Told] = body.get("refusals") or ()
    if refusals:
        return "; ".join(f"{one['rule']} {one['device']}: {one['because']}" for one in refusals)
    return _text(body.get("because")) or _text(body.get("reason")) or _text(body.get("why"))


def _word(table: Mapping[str, str], word: object, say: Say) -> str:
    found = _text(word)
    return say(table[found]) if found in table else found


def _text(value: object) -> str:
    """Write a value of a body, which may be anything that JSON is."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
