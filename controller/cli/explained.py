"""`rempart check SITE --explain DEVICE`: every rule that can forbid an action of a device, and the readings it hangs on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from typing import Any

from controller.cli.exits import Exit, Failure
from controller.composition import fittings
from controller.config.plainwords import unknown
from controller.config.site import Site
from controller.core.explain import UNKNOWN_FORBIDS, Ground, explain
from controller.core.spec import Action, MoverSpec
from controller.plant import Fitting

WIDTH = 80
RULE = 19
"""Columns for the name of a rule."""

GLUE = "\xa0"
"""A space at which no line is broken."""

Told = Mapping[str, Any]


def explained(site: Site, device: str) -> dict[str, Any]:
    """Return as plain data what can forbid each action of `device`. Raises Failure where it is none that can be moved."""
    found = {fitting.spec.id: fitting for fitting in fittings(site)}
    movers = [name for name, fitting in found.items() if isinstance(fitting.spec, MoverSpec)]
    if device not in found:
        raise Failure(Exit.USAGE, unknown("the device", device, movers))
    spec = found[device].spec
    if not isinstance(spec, MoverSpec):
        kind = spec.kind.value.replace("_", " ")
        told = f"`{device}` is a {kind}, which takes no order; expected one of {', '.join(movers)}"
        raise Failure(Exit.USAGE, told)
    by_action = explain(spec, {name: fitting.spec for name, fitting in found.items()})
    return {
        "site": site.name,
        "device": device,
        "kind": str(spec.kind),
        "title": spec.title,
        "secures_by": "raising" if spec.secures is Action.RAISE else "lowering",
        "units": sorted(
            {unit for unit, _ in found[device].inputs} | {unit for _, unit, _ in found[device].outputs.values()}
        ),
        "rule": UNKNOWN_FORBIDS,
        "actions": {action: [_ground(ground, found) for ground in grounds] for action, grounds in by_action.items()},
        "accepted": list(spec.accepted),
    }


def _ground(ground: Ground, found: Mapping[str, Fitting]) -> dict[str, Any]:
    fitting = found[ground.device]
    wires = {signal: wire for wire, signals in fitting.inputs.items() for signal in signals}
    readings = [
        {"signal": signal, "point": ".".join(wires[signal]), "max_age_s": fitting.spec.inputs[signal]}
        for signal in ground.signals
    ]
    told = {"rule": str(ground.rule), "device": ground.device, "condition": ground.condition, "waits": ground.waits}
    return {**told, "readings": readings}


def as_json(told: Told) -> str:
    """Return it for programs."""
    return json.dumps(told, indent=2, ensure_ascii=False)


def as_text(told: Told) -> str:
    """Return it for people, in lines of at most 80 columns."""
    return "\n".join(_lines(told))


def _lines(told: Told) -> Iterator[str]:
    yield from _wrapped(f"{told['device']}: {told['title']} ({told['kind']}, secures by {told['secures_by']})")
    yield from _wrapped(f"wired to {', '.join(told['units'])}")
    yield ""
    yield from _wrapped(told["rule"])
    secures = "raise" if told["secures_by"] == "raising" else "lower"
    opens = "lower" if secures == "raise" else "raise"
    headings = {"secure": f"{secures}, secure", "open": f"{opens}, open", "lockdown": "lockdown", "stop": "stop"}
    for action, heading in headings.items():
        yield from _action(heading, told["actions"][action])
    yield ""
    yield "accepted risks" if told["accepted"] else "accepted risks: none"
    for risk in told["accepted"]:
        yield from _wrapped(risk, "  ", "    ")


def _action(heading: str, grounds: Iterable[Told]) -> Iterator[str]:
    refusing = [ground for ground in grounds if not ground["waits"]]
    waiting = [ground for ground in grounds if ground["waits"]]
    yield ""
    yield f"{heading}: refused while"
    for ground in refusing:
        yield from _one(ground)
    if waiting:
        yield f"{heading}: waits, as long as its order lives, while"
        for ground in waiting:
            yield from _one(ground)


def _one(ground: Told) -> Iterator[str]:
    margin = " " * (RULE + 2)
    condition = f"{ground['device']}: {_together(ground['condition'])}"
    yield from _wrapped(condition, f"  {ground['rule']:<{RULE}}", margin)
    if ground["readings"]:
        each = [f"{reading['point']}{GLUE}({reading['max_age_s']:g} s)" for reading in ground["readings"]]
        yield from _wrapped(_together(", ".join(each)), margin, margin)


def _together(text: str) -> str:
    """Keep a number and its unit on one line."""
    return re.sub(r"(?<=\d) (?=s\b)", GLUE, text)


def _wrapped(text: str, first: str = "", after: str = "") -> list[str]:
    lines = wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=after, break_on_hyphens=False, break_long_words=False
    )
    return [line.replace(GLUE, " ") for line in lines]
