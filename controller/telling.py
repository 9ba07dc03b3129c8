"""Tells everybody what has been decided: a record, an event, and the alarms that follow, of each change in its order.

What a device decides is told some turns of the loop later, when as a rule it is on its wire (`afterwards`): its state, how its
order and its passage go on, what its unit has to do with it. What people hold over a device is more than told: a lock-out, or the
latch of an emergency, is handed to the journal at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from controller import alarm_memory, holds, views
from controller.afterwards import Afterwards, Work
from controller.annunciator import Annunciator, Change
from controller.board import Board
from controller.core import kinds, lockdown
from controller.core.alarms import Standing
from controller.core.device import Alarm, Device
from controller.core.mover import Mover
from controller.ledger import Command
from controller.logbook import Account
from controller.ports import Entry, Journal
from controller.stream import Stream

Alarms = Callable[[Callable[[Standing, Change], None], Callable[[bool, int], None]], Annunciator]
"""Makes the alarms of a site, whose changes the two that it is given hear of."""


class Telling:
    """The one place from which journal, stream and alarms hear of what a site's devices decide.

    `of_passages` returns the conditions of a mover because of the passage that it is in, `held` hears what people hold over one
    from now on, `failed` what went wrong in telling.
    """

    def __init__(
        self,
        journal: Journal,
        stream: Stream,
        board: Board,
        alarms: Alarms,
        *,
        of_passages: Callable[[str], Iterable[Alarm]],
        held: Callable[[Mover, Mover], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._journal, self._stream, self._board = journal, stream, board
        self._of_passages, self._held = of_passages, held
        self._afterwards = Afterwards(failed)
        self._annunciator = alarms(self._annunciated, self._flooded)
        self._crashes: dict[str, Alarm] = {}
        board.watch(self._changed)

    def later(self, work: Work) -> None:
        """Do `work` in its order among what is told."""
        self._afterwards.add(work)

    def everything(self) -> None:
        """Tell now what has been decided and is not told yet."""
        self._afterwards.flush()

    @property
    def alarms(self) -> Annunciator:
        """The alarms as they follow from everything that has been decided, which is told first."""
        self.everything()
        return self._annunciator

    def conditions(self, source: str, alarms: Iterable[Alarm], *, device: str | None = None) -> None:
        """Make `alarms` the present conditions of `source`, which is no device: a unit, the journal. As `Annunciator.set`."""
        self._annunciator.set(source, alarms, device=device)

    def tick(self) -> None:
        """Let time pass for the alarms."""
        self._annunciator.tick()

    def crashed(self, name: str, alarm: Alarm) -> None:
        """Let `alarm` stand for what has failed, a device or something beside them, until the controller is restarted."""
        # What was decided before it failed is told as it was then.
        self.everything()
        self._crashes[name] = alarm
        if name in self._board:
            self.alarmed(name)
        else:
            self.conditions(name, [alarm])

    def alarmed(self, device: str) -> None:
        """Make the conditions of a device as it is now, and of a passage that it is in, its alarms."""
        self.later(partial(self._alarm, self._board[device]))

    def commanded(self, command: Command) -> None:
        """Publish how far a command has come."""
        self.later(partial(self._publish_command, command.as_it_is()))

    def passed(self, account: Account) -> None:
        """Publish how far a passage has come."""
        self.later(partial(self._stream.publish, "passage", views.passage(account)))

    def _changed(self, before: Device, after: Device) -> None:
        if isinstance(before, Mover) and isinstance(after, Mover) and holds.changed(before, after):
            self._held(before, after)
        self.later(partial(self._tell, before, after))

    def _tell(self, before: Device, after: Device) -> None:
        body = {
            "state": after.state,
            "was": before.state,
            "mode": str(after.mode),
            "version": after.version,
            "why": after.why,
        }
        self._journal.note(Entry("device", after.spec.id, body=body))
        self._stream.publish("device", {"id": after.spec.id, **body, "words": views.words(why=after.why)})
        self._alarm(after)

    def _alarm(self, shown: Device) -> None:
        device = shown.spec.id
        crash = self._crashes.get(device)
        if crash is None:
            self._annunciator.set(device, [*kinds.alarms(shown), *self._of_passages(device)])
        else:
            self._annunciator.set(device, [crash, *(lockdown.alarms(shown) if isinstance(shown, Mover) else ())])

    def _publish_command(self, command: Command) -> None:
        self._stream.publish("command", views.command(command))

    def _annunciated(self, standing: Standing, change: Change) -> None:
        self._journal.note(alarm_memory.entry(standing, change))
        self._stream.publish("alarm", views.alarm(standing, self._annunciator))

    def _flooded(self, flood: bool, count: int) -> None:
        self._journal.note(alarm_memory.flood_entry(flood, count))
        self._stream.publish("flood", {"flood": flood, "last_10_min": count})
