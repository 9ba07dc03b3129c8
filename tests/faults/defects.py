"""Five defects of the service, put in on purpose one at a time: the test of the tests.

Each is a patch of one place, as a hasty change might leave it. `planted` puts it in for as long as its block lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from controller.core import driving, motion, ordering, refusals
from controller.core.command import Life
from controller.core.mover import Mover
from controller.core.readings import Value
from controller.endpoint import Endpoint
from controller.ledger import KIND, Command, Ledger, Request
from controller.ports import Entry, Expired, Mute, Unit
from controller.writes import Write
from tests.faults.wires import MemoryLink

Patches = Sequence[tuple[Any, str, Any]]


def machine_forgets_its_outputs() -> Patches:
    """Machine: only a motion has levels, so what it switched on stays on when it is over."""
    real = driving.levels

    def levels(mover: Mover, now: float) -> dict[str, Value]:
        return real(mover, now) if mover.moving else {}

    return [(driving, "levels", levels)]


def interlocks_are_not_asked() -> Patches:
    """Interlock: the neighbours forbid nothing."""

    def nothing(*_: Any, **__: Any) -> list[Any]:
        return []

    return [(place, "interlocks", nothing) for place in (motion, ordering, refusals)]


def endpoint_forgets_the_deadline() -> Patches:
    """Endpoint: a write goes out whenever its turn comes, with a deadline of its own."""
    real = Endpoint._perform

    async def perform(self: Endpoint, write: Write) -> None:
        write.deadline += 60.0
        await real(self, write)

    return [(Endpoint, "_perform", perform)]


def ledger_does_not_wait_for_the_disk() -> Patches:
    """Ledger: an order is noted, and followed up before it is durable."""

    async def receive(
        self: Ledger, request: Request, device: str, expires: float, members: Sequence[str] = ()
    ) -> Command:
        body: Mapping[str, Any] = {
            "life": str(Life.RECEIVED),
            "target": request.target,
            "action": request.action,
            "principal": request.principal,
            "reason": request.reason,
            "expires_in_s": request.expires_in_s,
            "seen": request.seen,
            "members": list(members),
        }
        self._journal.note(Entry(KIND, device, request.id, body))
        command = Command(request, self._utc(), members=tuple(members))
        self._live[request.id] = command
        return command

    return [(Ledger, "receive", receive)]


def link_repeats_a_write() -> Patches:
    """Driver: a write that was not answered is sent once more, as a library's own retry would."""
    real = MemoryLink._write

    async def write(self: MemoryLink, unit: Unit, values: Mapping[str, Value], deadline: float) -> None:
        try:
            await real(self, unit, values, deadline)
        except Mute as error:
            try:
                await real(self, unit, values, deadline)
            except Expired:
                raise error from None

    return [(MemoryLink, "_write", write)]


DEFECTS: Mapping[str, Callable[[], Patches]] = {
    "machine": machine_forgets_its_outputs,
    "interlock": interlocks_are_not_asked,
    "endpoint": endpoint_forgets_the_deadline,
    "journal": ledger_does_not_wait_for_the_disk,
    "driver": link_repeats_a_write,
}


@contextmanager
def planted(defect: str) -> Iterator[None]:
    """Put `defect` in until the block is left."""
    with ExitStack() as stack:
        for owner, name, wrong in DEFECTS[defect]():
            stack.enter_context(patch.object(owner, name, wrong))
        yield
