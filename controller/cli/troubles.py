"""What `rempart trouble list` says: which kinds of misfortune there are, and what is wrong at the moment. Pure."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

WIDTH = 79
EVERY_WIRE = 5
INDENT = 20
HEADINGS = {"wire": "on a wire", "unit": "in a unit", "equipment": "at the equipment", "world": "in the street"}


def lines(answer: Mapping[str, Any]) -> list[str]:
    """Say first which kinds there are, by what they befall, and last what is broken now."""
    return [
        "what can be broken, with `rempart trouble KIND TARGET [KEY=VALUE …]`:",
        *_kinds(answer["kinds"]),
        "",
        "what is broken now:",
        *([f"  {_trouble(one)}" for one in answer["troubles"]] or ["  nothing is broken"]),
        f"  traffic is {'on' if answer['traffic'] else 'off'}",
    ]


def plain(value: Any) -> str:
    """Return a value as a person writes it."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return value if isinstance(value, str) else json.dumps(value)


def _kinds(kinds: list[Mapping[str, Any]]) -> Iterator[str]:
    for group, ofs in groupby(kinds, lambda kind: kind["group"]):
        yield from ("", HEADINGS.get(group, group))
        for kind in ofs:
            wires = f" ({_wires(kind['wires'])})" if 0 < len(kind["wires"]) < EVERY_WIRE else ""
            lasts = "" if kind["for_s"] is None else f"; {kind['for_s']:g} s unless --for says otherwise"
            yield from _filled(f"  {kind['kind']:<{INDENT - 2}}", f"{kind['target']}{wires}: {kind['words']}{lasts}")
            for option in kind["options"]:
                yield from _filled(" " * INDENT, _option(option))


def _wires(wires: list[str]) -> str:
    return ", ".join(wires).replace("modbus-tcp, modbus-rtu", "modbus")


def _filled(first: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * INDENT,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _option(option: Mapping[str, Any]) -> str:
    default = option["default"]
    if option["among"]:
        values = " or ".join(option["among"])
    elif option["type"] in ("number", "integer"):
        low = option["above"] if option["least"] is None else option["least"]
        values = f"{low:.12g}…{option['most']:.12g}"
    else:
        values = option["type"].upper()
    usual = "" if default is None else f" ({default:.12g})" if isinstance(default, float) else f" ({plain(default)})"
    return f"{option['name']}={values}{usual} {option['words']}"


def _trouble(one: Mapping[str, Any]) -> str:
    left = "" if one["left_s"] is None else f", {one['left_s']:.0f} s left"
    options = "".join(f" {key}={plain(value)}" for key, value in one["options"].items())
    return f"{one['id']}: {one['kind']} {one['target']}{options}{left}"
