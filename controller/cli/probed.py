"""What a probe has found, for people (80 columns), for programs (JSON), and as lines for a site file."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from controller.probing import Findings, Fit, Thing, Verdict, plain

WIDTH = 79
LABEL = 22
NAMES_TOLD = 8
Judged = Sequence[tuple[Thing, Sequence[Verdict]]]


def as_text(found: Findings, judged: Judged) -> str:
    """Return what a person reads."""
    lines = [found.link, *_labelled(found.facts.items())]
    for note in found.notes:
        lines += _wrapped(note, "  ", "  ")
    for thing, verdicts in judged:
        lines += ["", *_wrapped(thing.name, "", "  "), *_labelled(thing.facts.items()), *_labelled(thing.rows)]
        lines += _verdicts(thing, verdicts)
    site = site_lines(found, judged)
    if site:
        lines += ["", "For the site file; the names are yours to choose:", "", *site]
    return "\n".join(lines)


def as_data(found: Findings, judged: Judged, *, interrupted: bool) -> dict[str, Any]:
    """Return what `--json` prints."""
    return {
        "url": found.link,
        "interrupted": interrupted,
        "facts": found.facts,
        "notes": found.notes,
        "found": [
            {
                "name": thing.name,
                "facts": dict(thing.facts),
                **thing.data,
                "profiles": [{**asdict(verdict), "fit": verdict.fit.value} for verdict in verdicts],
            }
            for thing, verdicts in judged
        ],
        "site": "\n".join(site_lines(found, judged)),
    }


def site_lines(found: Findings, judged: Judged) -> list[str]:
    """Return the lines `links:` and `units:` of what fits some profile; none where nothing does."""
    units = [line for thing, verdicts in judged for line in _units(verdicts)]
    if not units:
        return []
    return ["links:", *_entry("probed", {"url": _scalar(found.link)}), "units:", *units]


def _units(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield the line of the best profile for each address; what is possible only is marked so."""
    fitting = sorted((one for one in verdicts if one.fit is not Fit.NOT), key=lambda one: str(one.address))
    for address, same in groupby(fitting, key=lambda one: one.address):
        best, *others = same
        if best.fit is Fit.POSSIBLE:
            also = " or ".join(one.profile for one in others if one.fit is Fit.POSSIBLE)
            yield "  # possible only: it has no identity to check" + (f"; it may be {also} too" if also else "")
        keys = {"link": "probed", "profile": best.profile}
        if address is not None:
            keys["address"] = _scalar(address)
        if best.expect:
            keys["expect"] = f"{{{', '.join(f'{name}: {_scalar(value)}' for name, value in best.expect.items())}}}"
        yield from _entry(_name(best), keys)


def _entry(name: str, keys: Mapping[str, str]) -> list[str]:
    """Write one entry in a line, or where it does not fit in a line for each key."""
    line = f"  {name}: {{{', '.join(f'{key}: {value}' for key, value in keys.items())}}}"
    if len(line) <= WIDTH:
        return [line]
    return [f"  {name}:", *(f"    {key}: {value}" for key, value in keys.items())]


def _name(verdict: Verdict) -> str:
    """Make a name that a site file takes."""
    tail = "" if verdict.address is None else str(verdict.address).casefold()
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "_.") else "-" for char in tail)
    return "-".join(part for part in (verdict.profile, kept.strip("-")) if part)[:64]


def _scalar(value: object) -> str:
    """Write a value so that YAML reads it back as it is."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=not value.isprintable())
    return json.dumps(value)


def _verdicts(thing: Thing, verdicts: Sequence[Verdict]) -> Iterator[str]:
    told: set[str] = set()
    unlike: list[str] = []
    for verdict in verdicts:
        # The same profile at another address of units that are alike says the same again.
        at = f" at {plain(str(verdict.address))}" if thing.protocol == "opcua" and verdict.address else ""
        text = f"{verdict.profile} {verdict.fit}{at}: {verdict.why}"
        if text in told:
            continue
        told.add(text)
        if verdict.fit is Fit.NOT:
            unlike.append(f"{verdict.profile}{at} ({verdict.why})")
            continue
        yield from _wrapped(text, "  ", "    ")
        for why, names in _by_reason(verdict.unread):
            yield from _wrapped(f"not read: {names}: {why}", "    ", "    ")
    # Where an identity has told, what else it is not needs no telling.
    if unlike and not any(verdict.fit is Fit.MATCHES for verdict in verdicts):
        yield from _wrapped(f"does not fit: {'; '.join(unlike)}", "  ", "    ")


def _by_reason(unread: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    reasons: dict[str, list[str]] = {}
    for name, why in unread.items():
        reasons.setdefault(why, []).append(name)
    for why, names in reasons.items():
        more = f" and {len(names) - NAMES_TOLD} more" if len(names) > NAMES_TOLD else ""
        yield why, ", ".join(names[:NAMES_TOLD]) + more


def _labelled(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for label, text in rows:
        yield from _wrapped(text, f"  {plain(label, WIDTH):<{LABEL}}  ", " " * (LABEL + 4))


def _wrapped(text: str, first: str, then: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=then, break_on_hyphens=False) or [
        first.rstrip()
    ]
