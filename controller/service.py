"""The controller of one site as a process: what it holds, in which order it comes up, and how it goes down.

It comes up in the order lock, token, journal, API, supervisor, card, systemd, and goes down the other way: whoever finds that
another controller holds the lock, the socket or the port has not touched a wire yet (one controller commands a device). The card,
`api.json` in the runtime folder, tells the command line on this machine where the API is; it is there only while the API answers.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import structlog

from controller.api.app import build_app
from controller.api.server import ApiServer
from controller.claims import claimed
from controller.composition import compose, utcnow
from controller.config.site import Site
from controller.core.said import said
from controller.heartbeat import Notifier, beat
from controller.ids import uuid7
from controller.journal import SqliteJournal
from controller.journal.chain import label
from controller.lag import measure_lag
from controller.metrics import Metrics, Snapshot
from controller.people.errors import StoreUnavailable
from controller.people.reception import Reception
from controller.people.schema import FILE as PEOPLE
from controller.people.store import Store
from controller.scrape import snapshot
from controller.statefolder import (
    JOURNAL,
    SUPERVISOR_TOKEN,
    TOKEN,
    FolderError,
    FolderLock,
    ensure_token,
    make_folder,
    make_runtime_folder,
    runtime_path,
    state_path,
)
from controller.supervisor import Supervisor

SOCKET, CARD = "api.sock", "api.json"
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""A terminal that hangs up is no reason to leave steel with its outputs on; one that was told to ignore that still does."""

log = structlog.get_logger("rempart.service")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run a site: its folders (None for the usual ones), the TCP port of its API, 0 for any free one, and its socket.

    With `group_socket` the group of the process may connect to that, too.
    """

    port: int
    state: Path | None = None
    runtime: Path | None = None
    group_socket: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """Where the API of this run is."""

    url: str
    socket: Path


Told = Callable[[Address], None]


async def serve(site: Site, options: Options, ready: Told) -> None:
    """Run `site` until SIGTERM or SIGINT; `ready` is called once everything listens.

    Raises FolderError (StateLocked where another process runs it), WireClaimed where another drives one of its wires,
    JournalUnavailable, and what ApiServer raises for a port.
    """
    state = make_folder(state_path(site.name, options.state)).absolute()
    runtime = make_runtime_folder(runtime_path(site.name, options.runtime)).absolute()
    with FolderLock(state), claimed(link.url for link in site.links.values()):
        tokens = _tokens(state)
        journal = await SqliteJournal.open(state / JOURNAL, utcnow=utcnow)
        try:
            await _Service(site, options, journal, state, runtime).run(*tokens, ready)
        finally:
            await journal.close()


def _tokens(state: Path) -> tuple[str, str]:
    """Return the operator's token and the supervisor's. Raises FolderError, also where they are the same."""
    operator, supervisor = ensure_token(state), ensure_token(state, SUPERVISOR_TOKEN)
    if operator == supervisor:
        raise FolderError(
            f"{state / SUPERVISOR_TOKEN}: the same as {TOKEN}, so that one person would fire and reset an emergency (R06); "
            "delete it and start the controller, which makes a new one"
        )
    return operator, supervisor


class _Service:
    def __init__(self, site: Site, options: Options, journal: SqliteJournal, state: Path, runtime: Path) -> None:
        self._site, self._options, self._journal, self._state, self._runtime = site, options, journal, state, runtime
        self._boot = uuid7(int(utcnow().timestamp() * 1000))
        self._metrics = Metrics(version("rempart"), self._snapshot)
        self._supervisor = Supervisor(compose(site), journal, self._metrics, boot=self._boot, utc=_now_label)
        self._reception = _reception(site, state, journal)
        self._notifier = Notifier.from_environment()

    async def run(self, token: str, supervisor_token: str, ready: Told) -> None:
        loop = asyncio.get_running_loop()
        heeded = [n for n in STOP_SIGNALS if n is not signal.SIGHUP or signal.getsignal(n) is not signal.SIG_IGN]
        for number in heeded:
            loop.add_signal_handler(number, self._stop, signal.Signals(number).name)
        try:
            app = build_app(self._supervisor, token=token, supervisor_token=supervisor_token, reception=self._reception)
            where, options = self._runtime / SOCKET, self._options
            async with ApiServer(app, where, port=options.port, for_group=options.group_socket) as api:
                await self._supervise(Address(f"http://127.0.0.1:{api.port}", where), ready)
        finally:
            self._reception.close()
            self._notifier.close()
            for number in heeded:
                loop.remove_signal_handler(number)
        log.info("stopped")

    async def _supervise(self, address: Address, ready: Told) -> None:
        serving = asyncio.create_task(self._supervisor.run(), name="supervisor")
        self._offer_code()
        try:
            await _until_started(serving, self._supervisor)
            async with self._background():
                # Nothing is awaited before READY=1, so it is the first thing that systemd hears.
                self._notifier.ready(self._status())
                log.info("ready", url=address.url, socket=str(address.socket), boot=self._boot)
                with announced(self._runtime / CARD, self._told(address)):
                    ready(address)
                    await serving
        finally:
            self._supervisor.stop()
            with suppress(asyncio.CancelledError):
                await serving

    def _offer_code(self) -> None:
        code = self._reception.offer_code()
        if code:
            log.warning(
                "no user yet: with this code the first administrator is made, once, within 24 h, on this page of the console; or "
                "with `rempart user add`",
                code=code,
                page=f"/first?code={code}",
            )

    def _stop(self, why: str) -> None:
        log.info("stopping", why=why)
        self._notifier.stopping("stopping")
        self._supervisor.stop()

    @asynccontextmanager
    async def _background(self) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(self._supervisor.guard(name, run), name=name)
            for name, run in (
                (said("heartbeat"), lambda: beat(self._notifier, self._alive, self._status)),
                (said("measurement of the loop's lag"), lambda: measure_lag(self._metrics.loop_lag)),
                (said("watch over people.db"), self._reception.watch),
            )
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _alive(self) -> bool:
        stuck = self._supervisor.stuck(asyncio.get_running_loop().time())
        if stuck:
            log.error("no progress", tasks=stuck)
        return not stuck

    def _status(self) -> str:
        units = sum(len(wire.plans) for wire in self._supervisor.plant.wires)
        links = self._site.links.values()
        field = "simulated field, " if self._site.simulated else ""
        if self._site.simulated and not all(link.simulated for link in links):
            field = f"{sum(link.simulated for link in links)} of {len(links)} links simulated, "
        return f"{self._site.name}: {field}{len(self._supervisor.units_up)} of {units} units answer"

    def _snapshot(self) -> Snapshot:
        return snapshot(self._supervisor, self._journal, asyncio.get_running_loop().time())

    def _told(self, address: Address) -> dict[str, str | int]:
        return {
            "site": self._site.name,
            "pid": os.getpid(),
            "socket": str(address.socket),
            "url": address.url,
            "token_file": str(self._state / TOKEN),
            "supervisor_token_file": str(self._state / SUPERVISOR_TOKEN),
            "boot": self._boot,
        }


def _reception(site: Site, state: Path, journal: SqliteJournal) -> Reception:
    """Return who lets people in; nobody gets in where their file cannot be used, and the site is supervised all the same."""
    shut = ""
    try:
        store = Store(state / PEOPLE)
    except StoreUnavailable as error:
        shut = f"{error}; and restart the controller"
        log.error("people.db cannot be used: nobody can log in, only the tokens of this machine work", why=shut)
        store = Store(None)
    simulated = all(link.simulated for link in site.links.values())
    now = asyncio.get_running_loop().time
    return Reception(store, journal, now=now, utc=utcnow, demo=simulated, shut=shut)


@contextmanager
def announced(path: Path, told: Mapping[str, str | int]) -> Iterator[None]:
    """Let the command line on this machine know where the API is, for as long as the block lasts; written whole."""
    half = path.with_name(f".{path.name}.new")
    half.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    half.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


async def _until_started(serving: asyncio.Task[None], supervisor: Supervisor) -> None:
    """Wait until the supervisor is up; raises what it raised where it did not come up."""
    started = asyncio.create_task(supervisor.started.wait())
    try:
        await asyncio.wait([serving, started], return_when=asyncio.FIRST_COMPLETED)
    finally:
        started.cancel()
    if serving.done():
        await serving


def _now_label() -> str:
    return label(utcnow())
