"""Server-sent events, taken apart line by line (WHATWG HTML, 9.2.6)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its id (`boot-number`), its kind and its particulars."""

    id: str
    kind: str
    data: dict[str, Any]


class Parser:
    """Feed it the lines of a stream, without their ends; it gives an event at each blank line."""

    def __init__(self) -> None:
        self._id, self._kind = "", ""
        self._data: list[str] = []

    def feed(self, line: str) -> ServerEvent | None:
        """Take one line. Raises ValueError when the data of an event is not a JSON object."""
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "event":
                self._kind = value
            case "data":
                self._data.append(value)
            case "id":
                self._id = value
        return None

    def _dispatch(self) -> ServerEvent | None:
        kind, data = self._kind or "message", self._data
        self._kind, self._data = "", []
        if not data:
            return None
        told = json.loads("\n".join(data))
        if not isinstance(told, dict):
            raise ValueError(f"expected a JSON object in the event {kind}, found {told!r}")
        return ServerEvent(self._id, kind, told)
