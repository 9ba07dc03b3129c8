"""Who listens on which topic: found along the levels of a topic's name, however many others there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from paho.mqtt.matcher import MQTTMatcher

T = TypeVar("T")


class Topics(Generic[T]):
    """What belongs to each unit, by its topic filter (MQTT 3.1.1, 4.7). Two units may have the same filter."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, T]] = {}
        self._matcher = MQTTMatcher()

    def put(self, unit: str, pattern: str, what: T) -> None:
        """Let `what` be that of `unit`, which has none, from now on."""
        self._held[unit] = pattern, what
        try:
            self._matcher[pattern][unit] = what
        except KeyError:
            self._matcher[pattern] = {unit: what}

    def get(self, unit: str) -> T | None:
        """Return that of `unit`, None where it has none."""
        held = self._held.get(unit)
        return None if held is None else held[1]

    def pop(self, unit: str) -> T | None:
        """Forget `unit`, and return what was its."""
        held = self._held.pop(unit, None)
        if held is None:
            return None
        pattern, what = held
        units: dict[str, T] = self._matcher[pattern]
        del units[unit]
        if not units:
            del self._matcher[pattern]
        return what

    def clear(self) -> list[T]:
        """Forget every unit, and return what was theirs."""
        held, self._held, self._matcher = self._held, {}, MQTTMatcher()
        return [what for _, what in held.values()]

    def matching(self, topic: str) -> Iterator[T]:
        """Yield that of each unit whose filter a message on `topic` matches."""
        for units in self._matcher.iter_match(topic):
            yield from units.values()
