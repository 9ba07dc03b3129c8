"""What befalls frames on their way. Every wire asks for the fate of each frame; troubles come and go by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

KINDS = (
    "partition",
    "silence",
    "lost-request",
    "lost-answer",
    "late-request",
    "late-answer",
    "garbled",
    "refused",
    "wrong-unit",
    "stranger",
    "twice",
)
"""What can befall frames to and from a link or a unit:

partition      no connection is made, and what is connected hears nothing any more
silence        nothing arrives
lost-request   a request does not arrive          lost-answer   it does, and its answer is lost
late-request   it arrives up to `late_s` later    late-answer   its answer does
garbled        the answer cannot be read; half of the time the request arrived
refused        the unit declines                  wrong-unit    another unit's answer comes
stranger       at opening another device answers  twice         the request arrives twice
"""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one request and its answer; the times are those of either way."""

    to_s: float
    back_s: float
    arrives: bool = True
    answered: bool = True
    garbled: bool = False
    refused: bool = False
    twice: bool = False


@dataclass(slots=True, eq=False)
class Spell:
    """A trouble that lasts: it befalls each frame with the chance `p`."""

    kind: str
    target: str
    p: float = 1.0
    late_s: float = 0.3


@dataclass
class Weather:
    """The troubles of one site's wires."""

    random: Random
    spells: list[Spell] = field(default_factory=list)
    befallen: dict[str, int] = field(default_factory=dict)
    """How many frames each kind has befallen."""

    def begin(self, kind: str, target: str, options: Mapping[str, Any] | None = None) -> Spell:
        """Begin a trouble of `target`, a link or a unit."""
        if kind not in KINDS:
            raise ValueError(f"there is no trouble {kind!r} of a wire: expected one of {', '.join(KINDS)}")
        spell = Spell(kind, target, **dict(options or {}))
        self.spells.append(spell)
        return spell

    def end(self, spell: Spell) -> None:
        """End it."""
        self.spells.remove(spell)

    def lasting(self, kind: str, *targets: str) -> bool:
        """Tell whether `kind` lasts for one of `targets`, whatever its chance."""
        return any(spell.kind == kind and spell.target in targets for spell in self.spells)

    def disturbs(self, *targets: str) -> bool:
        """Tell whether anything lasts for one of `targets`."""
        return any(spell.target in targets for spell in self.spells)

    def fate(self, link: str, unit: str) -> Fate:
        """Decide the fate of the next request to `unit`."""
        to_s, back_s = self.random.uniform(0.001, 0.004), self.random.uniform(0.001, 0.004)
        for spell in self.spells:
            if spell.target in (link, unit) and (spell.p >= 1.0 or self.random.random() < spell.p):
                self.befallen[spell.kind] = self.befallen.get(spell.kind, 0) + 1
                return self._befall(spell, to_s, back_s)
        return Fate(to_s, back_s)

    def _befall(self, spell: Spell, to_s: float, back_s: float) -> Fate:
        match spell.kind:
            case "partition" | "silence" | "lost-request":
                return Fate(to_s, back_s, arrives=False, answered=False)
            case "lost-answer":
                return Fate(to_s, back_s, answered=False)
            case "late-request":
                return Fate(to_s + self.random.uniform(0, spell.late_s), back_s)
            case "late-answer":
                return Fate(to_s, back_s + self.random.uniform(0, spell.late_s))
            case "garbled" | "wrong-unit":
                return Fate(to_s, back_s, arrives=self.random.random() < 0.5, garbled=True)
            case "refused":
                return Fate(to_s, back_s, arrives=False, refused=True)
            case "twice":
                return Fate(to_s, back_s, twice=True)
        return Fate(to_s, back_s)
