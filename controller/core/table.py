"""A state machine as a table that can be run, drawn and checked for totality.

The rows are data; `transitions` runs them, synchronously. A machine has no memory here: the state goes in, the next state
comes out, so that the device which owns the state can stay a frozen value. For every state and event the table holds exactly
one of: rows (perhaps guarded), a reason to ignore, or a reason to refuse. `holes` lists what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from transitions import EventData, Machine

Guard = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """From any of `sources`, `event` leads to `dest` when every guard holds of the facts."""

    event: str
    sources: tuple[str, ...]
    dest: str
    guards: tuple[Guard, ...] = ()


@dataclass(frozen=True, slots=True)
class Silence:
    """In `sources`, `event` changes nothing, and why."""

    event: str
    sources: tuple[str, ...]
    why: str


@dataclass(slots=True)
class _Cursor:
    state: str
    facts: Any = None


@dataclass(frozen=True)
class Table:
    """One kind of device's machine. Rows are tried in order; the first whose guards hold is taken.

    `refused` are the orders that a person gets told of; `ignored` are the events that need no answer.
    """

    name: str
    states: tuple[str, ...]
    events: tuple[str, ...]
    rows: tuple[Row, ...]
    ignored: tuple[Silence, ...] = ()
    refused: tuple[Silence, ...] = ()
    initial: str = "unknown"
    machine: Machine = field(init=False, repr=False, compare=False)
    certain: Mapping[tuple[str, str], str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Build the machine once; an unknown state or event in a row is a programming error and raises ValueError.

        `certain` holds what the machine says of the pairs of state and event in which no fact counts: it is asked once.
        """
        parts: tuple[Row | Silence, ...] = (*self.rows, *self.ignored, *self.refused)
        for part in parts:
            unknown = {*part.sources} - {*self.states} | {part.event} - {*self.events}
            if isinstance(part, Row):
                unknown |= {part.dest} - {*self.states}
            if unknown:
                raise ValueError(f"{self.name}: not a state or event: {', '.join(sorted(unknown))}")
        object.__setattr__(self, "machine", Machine(model=None, **self.description()))
        guarded = {(source, row.event) for row in self.rows if row.guards for source in row.sources}
        pairs = {(state, event) for state in self.states for event in self.events} - guarded
        certain = {(state, event): self._asked(state, event, None) for state, event in sorted(pairs)}
        object.__setattr__(self, "certain", certain)

    def description(self) -> dict[str, Any]:
        """Return the table in the form that `transitions.Machine` takes."""
        return {
            "states": list(self.states),
            "initial": self.initial,
            "auto_transitions": False,
            "send_event": True,
            "transitions": [
                {
                    "trigger": row.event,
                    "source": source,
                    "dest": row.dest,
                    "conditions": [_condition(guard) for guard in row.guards],
                }
                for row in self.rows
                for source in row.sources
            ],
        }

    def leads(self, state: str, event: str) -> bool:
        """Tell whether a row speaks of `event` in `state`: without one nothing changes, whatever the facts."""
        trigger = self.machine.events.get(event)
        return trigger is not None and state in trigger.transitions

    def next(self, state: str, event: str, facts: object = None) -> str:
        """Return the state after `event`; the same state where the table ignores or refuses it or no guard holds.

        An event or state that the table does not speak of is a programming error and raises ValueError.
        """
        certain = self.certain.get((state, event))
        if certain is not None:
            return certain
        if event not in self.events or state not in self.states:
            raise ValueError(f"{self.name}: no event {event!r} or no state {state!r}")
        return self._asked(state, event, facts)

    def _asked(self, state: str, event: str, facts: object) -> str:
        if not self.leads(state, event):
            return state
        cursor = _Cursor(state, facts)
        self.machine.events[event].trigger(cursor)
        return cursor.state

    def refusal(self, state: str, event: str) -> str | None:
        """Return why `event` is refused in `state`, or None where it is not."""
        return next((s.why for s in self.refused if s.event == event and state in s.sources), None)

    def holes(self) -> list[tuple[str, str]]:
        """Return the (state, event) pairs that have neither a row nor a reason to be ignored or refused."""
        parts: tuple[Row | Silence, ...] = (*self.rows, *self.ignored, *self.refused)
        covered = {(s, part.event) for part in parts for s in part.sources}
        return [(s, e) for s in self.states for e in self.events if (s, e) not in covered]

    def doubles(self) -> list[tuple[str, str]]:
        """Return the pairs that are spoken of twice: two silences, a silence beside rows, or a row behind an unguarded one."""
        silences = (*self.ignored, *self.refused)
        parts: tuple[Row | Silence, ...] = (*self.rows, *silences)
        spoken: set[tuple[str, str]] = set()
        twice: set[tuple[str, str]] = set()
        for part in parts:
            pairs = {(s, part.event) for s in part.sources}
            twice |= pairs & spoken
            if not (isinstance(part, Row) and part.guards):
                spoken |= pairs
        guarded = {(s, row.event) for row in self.rows if row.guards for s in row.sources}
        silent = {(s, part.event) for part in silences for s in part.sources}
        return sorted(twice | guarded & silent)


def _condition(guard: Guard) -> Callable[[EventData], bool]:
    def holds(event_data: EventData) -> bool:
        cursor: Any = event_data.model
        return guard(cursor.facts)

    holds.__name__ = guard.__name__
    return holds
