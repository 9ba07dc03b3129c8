"""What a kind of misfortune is: its name, what it befalls, its options, one line of words. Checks options, knows no field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

Options = Mapping[str, Any]


class Group(Enum):
    """Where a misfortune belongs."""

    WIRE = "wire"
    UNIT = "unit"
    EQUIPMENT = "equipment"
    WORLD = "world"


class Target(Enum):
    """What a misfortune befalls, as a person is told."""

    LINK = "a link"
    LINK_OR_UNIT = "a link or a unit"
    UNIT = "a unit"
    POINT = "UNIT.POINT"
    OUTPUT = "UNIT.OUTPUT"
    SIGNAL = "PLANT.SIGNAL[.MEMBER]"
    MOVER = "a mover"
    LIGHT = "a signal or a beacon"
    LAMPS = "a signal"
    CONTROLLER = "a traffic controller"
    LOOP = "a loop"
    RADAR = "a radar"
    COUNTER = "a people counter"
    CONTACT = "a contact"
    SUPPLY = "a supply"
    LANE = "a lane"


@dataclass(frozen=True, slots=True)
class Option:
    """One particular. Without a default, `words` say what happens when it is not given; limits are for numbers."""

    type: str
    words: str
    default: bool | int | float | str | None = None
    above: float | None = None
    least: float | None = None
    most: float | None = None
    among: tuple[str, ...] = ()
    required: bool = False

    def expected(self) -> str:
        """Say what it takes."""
        if self.among:
            return " or ".join((", ".join(self.among[:-1]), self.among[-1])) if self.among[1:] else self.among[0]
        if self.type == "number":
            low = f"above {self.above:g}, at most" if self.least is None else f"from {self.least:.12g} to"
            return f"a number {low} {self.most:.12g}"
        if self.type == "integer":
            return f"a whole number from {self.least:.12g} to {self.most:.12g}"
        return {"text": "text"}.get(self.type, "a value")

    def fits(self, value: object) -> bool:
        """Tell whether it takes `value`."""
        match self.type:
            case "any":
                return isinstance(value, bool | int | float | str)
            case "text":
                return isinstance(value, str) and (not self.among or value in self.among)
        wanted = int if self.type == "integer" else int | float
        if isinstance(value, bool) or not isinstance(value, wanted) or not (self.most is None or value <= self.most):
            return False
        return (self.above is None or value > self.above) and (self.least is None or value >= self.least)


@dataclass(frozen=True, slots=True)
class Kind:
    """One misfortune. `wires` are the protocols of the links that it can befall; empty where it befalls no link or unit."""

    name: str
    group: Group
    target: Target
    words: str
    wires: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
    for_s: float | None = None
    """How long it lasts when nothing is said; None: until it is cleared."""

    def seen(self) -> dict[str, Any]:
        """Return it as plain data, every key always there."""
        options = [{"name": name, **asdict(o), "among": list(o.among)} for name, o in self.options.items()]
        return {
            "kind": self.name,
            "group": self.group.value,
            "target": self.target.value,
            "wires": list(self.wires),
            "words": self.words,
            "options": options,
            "for_s": self.for_s,
        }

    def refuses(self, options: Options) -> str:
        """Return what is wrong with the options, and nothing if nothing is."""
        for name, value in options.items():
            if name not in self.options:
                return f"{self.name}: there is no option {name!r}: expected {', '.join(self.options) or 'none'}"
            if not self.options[name].fits(value):
                return f"{self.name}: {name} is {value!r}: expected {self.options[name].expected()}"
        return ""

    def filled(self, options: Options) -> dict[str, Any]:
        """Return the options with the defaults of those that were not given."""
        return {**{n: o.default for n, o in self.options.items() if o.default is not None}, **options}


def number(words: str, default: float | None, most: float, above: float = 0.0) -> Option:
    """Make an option that is a number above a limit."""
    return Option("number", words, default, above=above, most=most)


def between(words: str, default: float, least: float, most: float) -> Option:
    """Make an option that is a number between two limits."""
    return Option("number", words, default, least=least, most=most)


def whole(words: str, default: int | None, least: int, most: int) -> Option:
    """Make an option that is a whole number between two limits."""
    return Option("integer", words, default, least=least, most=most)


def needed(words: str) -> Option:
    """Make an option that is a name and must be given."""
    return Option("text", words, required=True)


def word(words: str, *among: str) -> Option:
    """Make an option that is one of some words, the first unless another is given."""
    return Option("text", words, among[0], among=among)
