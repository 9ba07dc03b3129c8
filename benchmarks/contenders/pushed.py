"""The references where the peer speaks: they poll nothing, and take part in no work on the farm."""

from __future__ import annotations

from contextlib import AbstractContextManager

from benchmarks.contenders.base import Contender, Running, Stage
from benchmarks.trouble import NotPossible


class BarePushed(Contender):
    """A client of `benchmarks.pushed.bare`."""

    layouts = frozenset()

    def __init__(self, name: str, title: str) -> None:
        self.name, self.title = name, title

    def start(self, stage: Stage) -> AbstractContextManager[Running]:
        """Refuse: the farm speaks Modbus."""
        raise NotPossible(f"{self.name}: no client of the farm")
