"""The life of every passage, by id: who asked for what, how far it has come, how it ended. The journal is its memory.

A passage is durable in the journal before its first order is given. The same id again is answered with what is recorded; another
body under the same id is a mistake of the sender and is told so. Ids of passages and of commands are kept apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from controller.core.command import Refusal, Rule
from controller.core.passage import Form
from controller.core.said import said
from controller.ports import Entry, Journal, JournalUnavailable, Record

KIND = "passage"
"""The kind of a journal entry about a passage."""

ENDED_KEPT = 100
"""How many ended passages are answered from memory."""

LOOK_BACK = 10_000
"""How many of the newest passage records are looked at for what an earlier run left open."""

WRITE_S = 5.0
"""How long the journal may take to record a request before it is refused."""

NO_ANSWER = said("it did not answer within {seconds:g} s", seconds=WRITE_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks for: a passage at `target`, a mover or a route; with a direction through both rows of an airlock.

    `person` as in a command's request.
    """

    id: str
    target: str
    principal: str
    role: str = "operator"
    direction: str = ""
    by: str = ""
    reason: str = ""
    vehicle: str = ""
    person: bool = False

    def differences(self, then: Asked) -> str:
        """Say in which words of its body this differs from `then`; empty where in none. Who asks is no part of it."""
        pairs = [
            (name, getattr(then, name), getattr(self, name))
            for name in ("target", "direction", "by", "reason", "vehicle")
        ]
        return ", ".join(f"{name} {was!r} then, {now!r} now" for name, was, now in pairs if was != now)


@dataclass(slots=True)
class Account:
    """A passage as it is told: `stages` gives each of its movers the stage that it has come to and why."""

    asked: Asked
    form: Form
    at: str
    stages: dict[str, tuple[str, str]]
    hold_s: float | None = None
    stage: str = "requested"
    because: str = ""
    ended: bool = False
    refusals: tuple[Refusal, ...] = ()
    history: list[dict[str, str]] = field(default_factory=list)

    def reached(self, device: str, stage: str, because: str, at: str) -> None:
        """Take in how far it, or its point at `device`, has come."""
        if device:
            self.stages[device] = (stage, because)
        self.history.append({"device": device, "stage": stage, "at": at, "because": because})


class Logbook:
    """Passages under way in memory, all of them in the journal.

    `told` hears every change of one of them; `later` does what can wait until the frames are out.
    """

    def __init__(
        self,
        journal: Journal,
        utc: Callable[[], str],
        told: Callable[[Account], None],
        later: Callable[[Callable[[], None]], None],
    ) -> None:
        self._journal, self._utc, self._told, self._later = journal, utc, told, later
        self._live: dict[str, Account] = {}
        self._ended: dict[str, Account] = {}
        # What was asked for in this run, until it is known what an earlier one left open.
        self._asked: set[str] | None = set()

    def all(self) -> list[Account]:
        """Return the passages under way, and the last ones that ended in this run, in the order of their requests."""
        return sorted([*self._ended.values(), *self._live.values()], key=lambda account: account.at)

    async def find(self, passage: str) -> Account | None:
        """Return the passage of this id, whenever it was asked for. Raises JournalUnavailable."""
        held = self._live.get(passage) or self._ended.get(passage)
        if held is not None:
            return held
        return remembered([r for r in await self._journal.of_command(passage) if r.entry.kind == KIND])

    async def receive(self, asked: Asked, form: Form, movers: Iterable[str], hold_s: float | None) -> Account:
        """Make a passage durable. Raises JournalUnavailable; then it must not be begun."""
        account = Account(asked, form, self._utc(), dict.fromkeys(movers, ("requested", "")), hold_s)
        body = {
            "stage": "requested",
            **asdict(asked),
            "form": str(form),
            "movers": list(account.stages),
            "hold_s": hold_s,
        }
        del body["id"]
        if self._asked is not None:
            self._asked.add(asked.id)
        try:
            async with asyncio.timeout(WRITE_S):
                await self._journal.append(Entry(KIND, "", asked.id, body))
        except TimeoutError:
            # The journal may record it none the less: its end follows it there, and the id is spent.
            refusal = Refusal(Rule.JOURNAL, asked.target, NO_ANSWER)
            self._keep(account)
            self.end(account, "refused", NO_ANSWER, (refusal,))
            raise JournalUnavailable(NO_ANSWER) from None
        self._live[asked.id] = account
        account.reached("", "requested", "", account.at)
        self._told(account)
        return account

    def reached(self, account: Account, device: str, stage: str, because: str) -> None:
        """Record that a point has come further."""
        account.reached(device, stage, because, self._utc())
        self._note(Entry(KIND, device, account.asked.id, {"stage": stage, "because": because}))

    def stands(self, account: Account, stage: str, because: str) -> None:
        """Tell where the whole of it stands now."""
        account.stage, account.because = stage, because
        self._told(account)

    def end(self, account: Account, stage: str, because: str, refusals: tuple[Refusal, ...] = ()) -> None:
        """Record how it ended."""
        account.refusals, account.ended = refusals, True
        account.reached("", stage, because, self._utc())
        body: dict[str, Any] = {"stage": stage, "because": because, "ended": True}
        if refusals:
            body["refusals"] = [asdict(refusal) for refusal in refusals]
        self._note(Entry(KIND, "", account.asked.id, body))
        self._live.pop(account.asked.id, None)
        self._keep(account)
        self.stands(account, stage, because)

    def _note(self, entry: Entry) -> None:
        self._later(partial(self._journal.note, entry))

    def _keep(self, ended: Account) -> None:
        self._ended[ended.asked.id] = ended
        if len(self._ended) > ENDED_KEPT:
            del self._ended[next(iter(self._ended))]

    async def close_left_open(self) -> list[str]:
        """End as unknown what an earlier run of the controller left open, and return those ids. Raises JournalUnavailable.

        Nothing of it is resumed: where the steel is now was not watched in between.
        """
        left: dict[str, None] = {}
        for record in await self._journal.select(0, LOOK_BACK, kind=KIND, newest=True):
            if self._asked is not None and record.entry.command in self._asked:
                continue
            if record.entry.body.get("ended"):
                left.pop(record.entry.command, None)
            else:
                left[record.entry.command] = None
        because = "the controller stopped before its end was known; nothing of it is resumed"
        body = {"stage": "unknown", "because": because, "ended": True}
        self._journal.note(*(Entry(KIND, "", passage, body) for passage in left))
        self._asked = None
        return list(left)


def remembered(records: Sequence[Record]) -> Account | None:
    """Rebuild a passage from its records; None where there are none."""
    if not records:
        return None
    body = records[0].entry.body
    names = ("target", "principal", "role", "direction", "by", "reason", "vehicle", "person")
    asked = Asked(id=records[0].entry.command, **{name: body[name] for name in names if name in body})
    stages = dict.fromkeys(body["movers"], ("requested", ""))
    account = Account(asked, Form(body["form"]), records[0].at, stages, body["hold_s"])
    for record in records:
        told = record.entry.body
        account.reached(record.entry.device, told["stage"], told.get("because", ""), record.at)
        account.stage, account.because = told["stage"], told.get("because", "")
        account.ended = bool(told.get("ended"))
        account.refusals = tuple(Refusal(Rule(r["rule"]), r["device"], r["because"]) for r in told.get("refusals", ()))
    return account
