"""`python -m simulators.mishaps > docs/reference/troubles.md`: the table of every misfortune as a page."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from simulators.mishaps.kinds import Group, Kind, Option
from simulators.mishaps.table import MODBUS, TABLE, WIRES, of

HEAD = """# Troubles

<!-- Made by `python -m simulators.mishaps`; a test compares. -->

What can go wrong in a simulated field: {count} kinds, each with a test that sees it on the wire or in the steel: before,
while it lasts, and afterwards. `rempart trouble list` says the same while simulators run, and what is broken at that
moment; `--json` gives all of it to programs. How to use them: [break things on purpose](../how-to/break-things.md).
In simulation.yaml they stand under [`troubles`](simulation-file.md#troubles).

Each lasts until `rempart trouble clear`, or for the seconds of `--for` (`for_s`). The same kind may befall the same target
more than once with other options; the latest counts. Seconds go by a clock on the wall on wires, in units, in contacts that
chatter and in supplies; elsewhere by the simulation's.
"""
HEADINGS = {
    Group.WIRE: "On a wire",
    Group.UNIT: "In a unit",
    Group.EQUIPMENT: "At the equipment",
    Group.WORLD: "In the street",
}


def page() -> str:
    """Return the page."""
    lines = [HEAD.format(count=len(TABLE))]
    for group, heading in HEADINGS.items():
        lines += [f"## {heading}\n", "| kind | target | what happens | options |", "|---|---|---|---|"]
        lines += [_row(kind) for kind in of(group)]
        lines.append("")
    return "\n".join(lines)


def _row(kind: Kind) -> str:
    lasts = "" if kind.for_s is None else f"; {kind.for_s:g} s without `for_s`"
    options = "; ".join(_option(name, option) for name, option in kind.options.items())
    return f"| `{kind.name}` | {', '.join(_target(kind))} | {kind.words}{lasts} | {options} |".replace("|  |", "| |")


def _target(kind: Kind) -> Iterator[str]:
    target = kind.target.value
    yield f"`{target}`" if "." in target else target
    if kind.wires == MODBUS:
        yield "Modbus"
    elif kind.wires and kind.wires != WIRES:
        yield " or ".join((", ".join(kind.wires[:-1]), kind.wires[-1])) if kind.wires[1:] else kind.wires[0]


def _option(name: str, option: Option) -> str:
    default = "" if option.default is None else f", {option.default}".removesuffix(".0")
    return f"`{name}` {option.expected()}{default}: {option.words}"


if __name__ == "__main__":
    sys.stdout.write(page())
