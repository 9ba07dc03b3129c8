"""The machines on paper: a table drawn as a Mermaid state diagram, and a Markdown page that says all that the tables say.

The diagram is drawn from the rows themselves. `transitions` can draw only a machine that owns its model's state, which ours does
not.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator

from controller.core.table import Guard, Row, Silence, Table

_INTRODUCTION = """\
# State machines

<!-- Written by `rempart diagram --write`: change the tables, not this page. -->

One table for each kind of equipment, one for alarms, and one for the points of a passage. A row is taken when its guards hold,
the first that fits; where none does, and where an event is ignored or refused, the state stays. For every state and event a table
has a row or says why it has none.
"""


def mermaid(table: Table) -> str:
    """Draw `table`, one arrow from state to state with its events, each with its guards in brackets.

    A state with a hyphen has an alias: Mermaid takes none in a name.
    """
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in table.rows:
        for source in row.sources:
            arrows.setdefault((source, row.dest), []).append(_label(row))
    lines = (f"    {_alias(one)} --> {_alias(dest)}: {', '.join(labels)}" for (one, dest), labels in arrows.items())
    aliases = (f'    state "{state}" as {_alias(state)}' for state in table.states if "-" in state)
    return "\n".join(("stateDiagram-v2", *aliases, f"    [*] --> {_alias(table.initial)}", *lines))


def page(tables: Iterable[Table]) -> str:
    """Return the reference page of `tables`; kinds that share a table share its section."""
    sections = {table.name: "\n".join(_section(table)) for table in tables}
    return "\n".join((_INTRODUCTION, *sections.values()))


def _section(table: Table) -> Iterator[str]:
    yield f"## {table.name.capitalize()}\n\n```mermaid\n{mermaid(table)}\n```\n"
    yield "| event | from | to | when |\n| --- | --- | --- | --- |"
    yield from (f"| {row.event} | {_states(row)} | {row.dest} | {_names(row)} |" for row in table.rows)
    for title, silences in (("Ignored", table.ignored), ("Refused", table.refused)):
        if silences:
            yield f"\n{title}:\n\n| event | in | why |\n| --- | --- | --- |"
            yield from (f"| {silence.event} | {_states(silence)} | {silence.why} |" for silence in silences)
    if guards := {_name(guard): guard for row in table.rows for guard in row.guards}:
        yield "\nGuards:\n"
        yield from (f"- **{name}**: {inspect.getdoc(guard)}" for name, guard in guards.items())
    yield ""


def _alias(state: str) -> str:
    return state.replace("-", "_")


def _label(row: Row) -> str:
    return f"{row.event} [{_names(row)}]" if row.guards else row.event


def _names(row: Row) -> str:
    return " and ".join(_name(guard) for guard in row.guards)


def _name(guard: Guard) -> str:
    return guard.__name__.replace("_", " ")


def _states(part: Row | Silence) -> str:
    return ", ".join(part.sources)
