"""What every plant is: a function of simulated time, orders off the wire and what the world does to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from simulators.profiles import Value
from simulators.world import World

Orders = Mapping[str, Value]
Says = Mapping[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Output:
    """What a plant says on its channels (one value a member), and which wrongs were done to it just now (kind, detail)."""

    says: Says
    wrongs: tuple[tuple[str, str], ...] = field(default=())


class Plant(Protocol):
    """One piece of equipment. Pure but for its own state: no clock, no wire, no random source of its own."""

    ORDERS: ClassVar[frozenset[str]]
    """Roles that the wire writes."""
    SAYS: ClassVar[frozenset[str]]
    """Roles that the wire reads."""
    NEEDS: ClassVar[frozenset[str]]
    """Roles that must have a channel."""

    name: str
    power: bool

    @property
    def members(self) -> int:
        """Return how many channels a role in SAYS may have."""
        ...

    def sense(self, world: World) -> None:
        """Take in what the world does to it."""
        ...

    def update(self, now: float, orders: Orders) -> Output:
        """Live until `now` under `orders`; `now` never goes back."""
        ...

    def act(self, world: World) -> None:
        """Do to the world what it does."""
        ...


class Still:
    """The parts of a plant that most do not have."""

    ORDERS: ClassVar[frozenset[str]] = frozenset()
    members = 1

    def __init__(self, name: str) -> None:
        self.name = name
        self.power = True

    def sense(self, world: World) -> None:
        """Feel nothing."""

    def act(self, world: World) -> None:
        """Do nothing."""
