"""The life of every command, by id: what was asked, what was answered, and how it ended. The journal is its memory.

A command is durable in the journal before anything is done about it. The same id again is answered with what is recorded, for
as long as the journal lives; another body under the same id is a mistake of the sender and is told so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from typing import Any

from controller.core.command import Life, Refusal, Rule
from controller.core.device import Progress
from controller.core.replacing import replace
from controller.core.said import said
from controller.ports import Entry, Journal, JournalUnavailable, Record, RempartError

KIND = "command"
"""The kind of a journal entry about a command."""

ENDED_KEPT = 1000
"""How many ended commands are answered from memory: an end is noted, and is in the journal only a moment later."""

LOOK_BACK = 10_000
"""How many of the newest command records are looked at for what was left open: many may be refused during one long motion."""

NO_ANSWER = said("it did not answer before the order's time was over")
"""Why an order is refused whose journal hangs."""


LATER = ("role", "by", "hold", "automatic", "passage", "point", "level", "person")
"""What records of earlier releases do not have."""


class DifferentBody(RempartError):
    """The id was used before, for another command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for: `action` on `target`, a device or a zone, within `expires_in_s` seconds.

    `principal` is the credential it came with, `role` what that credential is, `by` the person who is said to be behind it;
    `hold`, `automatic`, `passage`, `point` and `level` as in `Order`. With `person` the principal is that person, who has proven
    it with a password; without, whoever holds a token of the machine or of a program.
    """

    id: str
    target: str
    action: str
    principal: str
    reason: str = ""
    expires_in_s: float = 5.0
    seen: int | None = None
    role: str = "operator"
    by: str = ""
    hold: bool = False
    automatic: bool = False
    passage: str = ""
    point: str = ""
    level: bool | int = True
    person: bool = False

    def differences(self, then: Request) -> str:
        """Say in which words of its body this differs from `then`; empty where in none. Who asks is no part of it."""
        pairs = [
            (name, getattr(then, name), getattr(self, name))
            for name in ("target", "action", "reason", "expires_in_s", "seen", "hold", "point", "level")
        ]
        return ", ".join(f"{name} {was!r} then, {now!r} now" for name, was, now in pairs if was != now)


@dataclass(slots=True)
class Command:
    """A command and how far it has come. `members` are the ids of the commands that a zone's was divided into.

    `together_with` is who asked for the same before, `by`, and with which `order`, where it took two people; else None.
    """

    request: Request
    at: str
    life: Life = Life.RECEIVED
    because: str = ""
    refusals: tuple[Refusal, ...] = ()
    members: tuple[str, ...] = ()
    together_with: Mapping[str, str] | None = None
    history: list[dict[str, str]] = field(default_factory=list)

    def follow(self, progress: Progress, at: str) -> None:
        """Take in how it went on."""
        self.life, self.because = progress.life, progress.because
        # Why members of a zone refused stays with the zone's order to its end.
        self.refusals = progress.refusals or self.refusals
        self.together_with = _first_of_two(progress) or self.together_with
        self.history.append({"life": str(progress.life), "at": at, "because": progress.because})

    def as_it_is(self) -> Command:
        """Return a copy that does not go on."""
        return replace(self, history=list(self.history))


class Ledger:
    """Commands under way in memory, all of them in the journal."""

    def __init__(
        self,
        journal: Journal,
        utc: Callable[[], str],
        told: Callable[[Command], None],
        later: Callable[[Callable[[], None]], None],
    ) -> None:
        """`told` hears at once how a command goes on; `later` does what can wait until the frames are out."""
        self._journal, self._utc, self._told, self._later = journal, utc, told, later
        self._live: dict[str, Command] = {}
        self._ended: dict[str, Command] = {}
        # What was given in this run, until it is known what an earlier one left open.
        self._given: set[str] | None = set()

    def live(self) -> list[Command]:
        """Return the commands that have not ended."""
        return list(self._live.values())

    def held(self, command: str) -> Command | None:
        """Return the command of this id if it is in memory: under way, or ended not long ago."""
        return self._live.get(command) or self._ended.get(command)

    async def find(self, command: str) -> Command | None:
        """Return the command of this id, whenever it was given."""
        held = self.held(command)
        if held is not None:
            return held
        return remembered([r for r in await self._journal.of_command(command) if r.entry.kind == KIND])

    async def receive(self, request: Request, device: str, expires: float, parts: Sequence[Request] = ()) -> Command:
        """Make the command, with the `parts` that a zone's was divided into, durable before `expires` (monotonic s).

        Raises JournalUnavailable; then none of them may be followed up.
        """
        entries = self._first_records(request, device, parts)
        try:
            async with asyncio.timeout_at(expires):
                await self._journal.append(*entries)
        except TimeoutError:
            for asked, entry in zip((request, *parts), entries, strict=True):
                self._give_up(asked, entry)
            raise JournalUnavailable(NO_ANSWER) from None
        return self._begin(request, parts)

    async def receive_emergency(
        self, request: Request, device: str, expires: float, parts: Sequence[Request] = ()
    ) -> Command:
        """As `receive`, for an order that goes ahead without the journal (rule 3): kept in memory, written down when possible."""
        # Noted once, before everything that follows from it: an append that is given up may be recorded none the less.
        self._journal.note(*self._first_records(request, device, parts))
        with suppress(TimeoutError, JournalUnavailable):
            async with asyncio.timeout_at(expires):
                await self._journal.append()
        return self._begin(request, parts)

    def _first_records(self, request: Request, device: str, parts: Sequence[Request]) -> list[Entry]:
        members = [part.id for part in parts]
        asked = [(request, device, members), *((part, part.target, []) for part in parts)]
        if self._given is not None:
            self._given.update(one.id for one, _, _ in asked)
        return [
            Entry(KIND, of, one.id, {"life": str(Life.RECEIVED), **_body(one), "members": of_it})
            for one, of, of_it in asked
        ]

    def turned_away(self, request: Request, why: str) -> None:
        """Note an order that was refused before it was looked at: it is no command, and its id is not spent."""
        self._journal.note(Entry("turned-away", request.target, body={"id": request.id, "why": why, **_body(request)}))

    async def settle(self, until: float) -> str:
        """Return "" once everything that was noted is durable; or why it is not by `until` (monotonic s)."""
        try:
            async with asyncio.timeout_at(until):
                await self._journal.append()
        except (JournalUnavailable, TimeoutError) as error:
            return getattr(error, "told", "") or NO_ANSWER
        return ""

    def _begin(self, request: Request, parts: Sequence[Request]) -> Command:
        at = self._utc()
        command = self._begun(request, at, tuple(part.id for part in parts))
        for part in parts:
            self._begun(part, at)
        return command

    def _begun(self, request: Request, at: str, members: tuple[str, ...] = ()) -> Command:
        command = Command(request, at, members=members)
        command.history.append({"life": str(Life.RECEIVED), "at": at, "because": ""})
        self._live[request.id] = command
        self._told(command)
        return command

    def _give_up(self, request: Request, entry: Entry) -> None:
        """Refuse for good what the journal may record none the less: its end follows it there, and the id is spent."""
        refusal = Refusal(Rule.JOURNAL, request.target, NO_ANSWER)
        end = {"life": str(Life.REFUSED), "because": NO_ANSWER, "refusals": [asdict(refusal)]}
        self._journal.note(replace(entry, body={**entry.body, **end}))
        command = Command(request, self._utc(), members=tuple(entry.body["members"]))
        command.follow(Progress(request.id, Life.REFUSED, NO_ANSWER, (refusal,)), command.at)
        self._keep(command)
        self._told(command)

    def _keep(self, ended: Command) -> None:
        self._ended[ended.request.id] = ended
        if len(self._ended) > ENDED_KEPT:
            del self._ended[next(iter(self._ended))]

    def follow(self, device: str, progress: Progress) -> Command | None:
        """Record how a live command went on; None where it has ended already."""
        command = self._live.get(progress.order)
        if command is None:
            return None
        command.follow(progress, self._utc())
        body: dict[str, Any] = {"life": str(progress.life), "because": progress.because}
        if progress.refusals:
            body["refusals"] = [asdict(refusal) for refusal in progress.refusals]
        if (first := _first_of_two(progress)) is not None:
            body["together_with"] = first
        self._later(partial(self._journal.note, Entry(KIND, device, progress.order, body)))
        if progress.life.ended:
            self._keep(self._live.pop(progress.order))
        self._told(command)
        return command

    async def close_left_open(self) -> list[str]:
        """End as unknown what an earlier run of the controller left open, and return those ids.

        Orders live for seconds: what was left open stands among the newest records. Raises JournalUnavailable.
        """
        left: dict[str, str] = {}
        for record in await self._journal.select(0, LOOK_BACK, kind=KIND, newest=True):
            if self._given is not None and record.entry.command in self._given:
                continue
            if Life(record.entry.body["life"]).ended:
                left.pop(record.entry.command, None)
            else:
                left[record.entry.command] = record.entry.device
        body = {"life": str(Life.UNKNOWN), "because": "the controller stopped before its end was known"}
        self._journal.note(*(Entry(KIND, device, command, body) for command, device in left.items()))
        self._given = None
        return list(left)


def remembered(records: Sequence[Record]) -> Command | None:
    """Rebuild a command from its records; None where there are none."""
    if not records:
        return None
    first = records[0].entry
    body = first.body
    request = Request(
        id=first.command,
        target=body["target"],
        action=body["action"],
        principal=body["principal"],
        reason=body["reason"],
        expires_in_s=body["expires_in_s"],
        seen=body["seen"],
        **{name: body[name] for name in LATER if name in body},
    )
    command = Command(request, records[0].at, members=tuple(body.get("members", ())))
    for record in records:
        command.follow(_progress(record.entry), record.at)
        command.together_with = record.entry.body.get("together_with", command.together_with)
    return command


def _first_of_two(progress: Progress) -> dict[str, str] | None:
    wish = progress.together_with
    return None if wish is None else {"by": wish.by, "order": wish.order}


def _progress(entry: Entry) -> Progress:
    refusals = tuple(Refusal(Rule(r["rule"]), r["device"], r["because"]) for r in entry.body.get("refusals", ()))
    return Progress(entry.command, Life(entry.body["life"]), entry.body.get("because", ""), refusals)


_ASKED = tuple(field.name for field in fields(Request) if field.name != "id")


def _body(request: Request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in _ASKED}
