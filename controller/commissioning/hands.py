"""Who acts on the street while a device is proven: a person who is asked to, or the simulators of the links that are simulated.

An act is done and undone. What nobody here can do is said to be so, and what hangs on it is skipped and never passed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from controller.cli import bench
from controller.cli.exits import Failure


@dataclass(frozen=True, slots=True)
class Act:
    """Something done at the equipment: `words` for a person, `do` and `undo` for the simulators, on what hangs on `device`."""

    words: str
    device: str
    do: Mapping[str, Any]
    undo: Mapping[str, Any]


class Aborted(Exception):
    """The person ends the test here."""


class Hands(Protocol):
    """Who acts and who sees."""

    attended: bool

    def ready(self, step: str, explanation: str) -> bool:
        """Explain a step and wait for the key press before it acts; False where it is to be skipped. Raises Aborted."""
        ...

    def sees(self, question: str) -> bool | None:
        """Return what a person sees; None where nobody is there. Raises Aborted."""
        ...

    def done(self, act: Act) -> bool:
        """Tell whether the act was done. Raises Aborted."""
        ...

    def undone(self, act: Act) -> None:
        """Undo it. Raises Aborted."""
        ...

    def announced(self, act: Act) -> bool | None:
        """Ask that an act be done in mid-travel, before that begins: steel is held by this program, which cannot wait then.

        False where it cannot be done; None where nobody has to be asked, and `done` does it at once. Raises Aborted.
        """
        ...


@contextmanager
def acting(hands: Hands, act: Act) -> Iterator[bool]:
    """Do `act` for as long as the block lasts; tells whether it was done."""
    did: bool | None = None
    try:
        did = hands.done(act)
        yield did
    finally:
        # Where it is not known whether it was done it is undone too.
        if did is not False:
            hands.undone(act)


class Simulators:
    """Nobody is there: the simulators act, on what they stand in for."""

    attended = False

    def __init__(self, control: Path | None, simulated: frozenset[str]) -> None:
        """`simulated` are the devices on simulated links."""
        self._control, self._simulated = control, simulated

    def ready(self, step: str, explanation: str) -> bool:
        """Go on at once."""
        return True

    def sees(self, question: str) -> bool | None:
        """See nothing."""
        return None

    def done(self, act: Act) -> bool:
        """Have it done where a simulator can."""
        if self._control is None or act.device not in self._simulated:
            return False
        try:
            bench.ask(self._control, act.do)
        except Failure:
            return False
        return True

    def undone(self, act: Act) -> None:
        """Have it undone; what was over already needs nothing."""
        if self._control is not None:
            with suppress(Failure):
                bench.ask(self._control, act.undo)

    def announced(self, act: Act) -> bool | None:
        """Ask nobody."""
        return None


class Technician:
    """A person at the terminal, with the equipment in sight."""

    attended = True

    def ready(self, step: str, explanation: str) -> bool:
        """Explain and wait."""
        sys.stdout.write(f"\n{explanation}\n")
        return self._asked("Enter begins it, s skips it, q ends here: ", {"": True, "s": False})

    def sees(self, question: str) -> bool | None:
        """Ask."""
        return self._asked(f"{question} [y/n, q ends here] ", {"y": True, "n": False})

    def done(self, act: Act) -> bool:
        """Ask for it."""
        return self._asked(f"{act.words}, then press Enter (s: cannot be done, q ends here) ", {"": True, "s": False})

    def undone(self, act: Act) -> None:
        """Ask to undo it."""
        self._asked("undo that, then press Enter ", {"": True})

    def announced(self, act: Act) -> bool | None:
        """Ask for it before the motion begins."""
        question = (
            f"the steel will move now: {act.words}, WHILE it moves; Enter begins (s: cannot be done, q ends here) "
        )
        return self._asked(question, {"": True, "s": False})

    @staticmethod
    def _asked(question: str, answers: Mapping[str, bool]) -> bool:
        while True:
            sys.stdout.write(question)
            sys.stdout.flush()
            line = sys.stdin.readline()
            if not line or line.strip().lower() == "q":
                raise Aborted
            if line.strip().lower() in answers:
                return answers[line.strip().lower()]


def occupied(loop: str) -> Act:
    """Return the act that puts a vehicle on a loop."""
    words = f"put a vehicle, or the test plate, on the loop {loop}"
    return Act(words, loop, {"do": "occupy", "loop": loop}, {"do": "vacate", "loop": loop})


def trouble(kind: str, target: str, device: str, words: str, **options: Any) -> Act:
    """Return the act that lets a trouble befall `target`."""
    did = {"do": "trouble", "kind": kind, "target": target, **options}
    return Act(words, device, did, {"do": "clear", "which": target})


def key_switch(device: str) -> Act:
    """Return the act that turns the key switch to local."""
    turned = {"do": "local", "plant": device}
    return Act(f"turn the key switch of {device} to local", device, {**turned, "on": True}, {**turned, "on": False})


def contact(device: str) -> Act:
    """Return the act that opens, or closes, a contact out of its normal position."""
    moved = {"do": "contact", "plant": device}
    words = f"switch the contact {device} out of its normal position"
    return Act(words, device, {**moved, "disturbed": True}, {**moved, "disturbed": False})
