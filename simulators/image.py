"""A unit's image: the values that stand between the plants and the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulators.profiles import UnitProfile, Value

Watcher = Callable[[str, Value], None]
Writer = Callable[[Mapping[str, Value]], None]


class Image:
    """Point name → value of one unit. Plants set its inputs, the wire writes its outputs, `force` overrides what is seen."""

    def __init__(self, unit: str, profile: UnitProfile, holds: Mapping[str, Value] | None = None) -> None:
        self.unit = unit
        self.profile = profile
        self.given: Mapping[str, Value] = {**profile.identity, **(holds or {})}
        """Values that nothing drives: who the unit is, and whatever else the simulation says it holds."""
        self._values: dict[str, Value] = {name: row.idle for name, row in profile.points.items()} | dict(self.given)
        self._forced: dict[str, list[tuple[Value]]] = {}
        self._driven: dict[str, list[tuple[Value]]] = {}
        self._crossed: dict[str, str] = {}
        self._deaf: list[str] = []
        self._watchers: list[Watcher] = []
        self.writer: Writer = self.put

    def read(self, name: str) -> Value:
        """Return what the wire sees of a point."""
        name = self._crossed.get(name, name)
        forced = self._forced.get(name)
        return forced[-1][0] if forced else self._values[name]

    def true(self, name: str) -> Value:
        """Return what a point would be if nothing were forced."""
        return self._values[name]

    def drives(self, name: str) -> Value:
        """Return what an output gives to what is wired to it."""
        driven = self._driven.get(name)
        return driven[-1][0] if driven else self._values[name]

    def off(self, name: str) -> Value:
        """Return a point's value after power up: a unit does not forget who it is."""
        return self.given[name] if name in self.profile.identity else self.profile.points[name].idle

    def put(self, values: Mapping[str, Value]) -> None:
        """Set points and tell the watchers of those whose visible value changed."""
        changed = {name: value for name, value in values.items() if self._values[name] != value}
        self._values.update(changed)
        for name, value in changed.items():
            if not self._forced.get(name):
                self._tell(name, value)

    def write(self, values: Mapping[str, Value]) -> None:
        """Take an order from the wire; all of `values` act at the same instant."""
        if self._deaf:
            values = {name: value for name, value in values.items() if name not in self._deaf}
        self.writer(values)

    def force(self, name: str, value: Value) -> Callable[[], None]:
        """Show `value` whatever the plant says; of several forces the latest shows. Call what it returns to end it."""
        before, force = self.read(name), (value,)
        self._forced.setdefault(name, []).append(force)
        self._tell_change(name, before)

        def release() -> None:
            shown = self.read(name)
            # By identity: another force may show the same value.
            self._forced[name] = [other for other in self._forced[name] if other is not force]
            self._tell_change(name, shown)

        return release

    def drive(self, name: str, value: Value) -> Callable[[], None]:
        """Let an output give `value` whatever is written to it and read of it. Call what this returns to end it."""
        drive = (value,)
        self._driven.setdefault(name, []).append(drive)

        def release() -> None:
            self._driven[name] = [other for other in self._driven[name] if other is not drive]

        return release

    def deafen(self, name: str) -> Callable[[], None]:
        """Let orders to an output change nothing, though they are not refused. Call what this returns to end it."""
        self._deaf.append(name)
        return lambda: self._deaf.remove(name)

    def cross(self, one: str, other: str) -> Callable[[], None]:
        """Show each of two inputs as the other; watchers are not told. Call what this returns to end it."""

        def exchange() -> None:
            crossed = self._crossed
            crossed.update({one: crossed.get(other, other), other: crossed.get(one, one)})

        exchange()
        return exchange

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher(name, value)` at each change of a visible value."""
        self._watchers.append(watcher)

    def _tell_change(self, name: str, before: Value) -> None:
        if (value := self.read(name)) != before:
            self._tell(name, value)

    def _tell(self, name: str, value: Value) -> None:
        for watcher in self._watchers:
            watcher(name, value)
