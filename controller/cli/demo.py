"""`rempart demo`: a simulated site, its controller and its console, each a process of its own, and the live picture of it."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from controller.cli import client, console, discover, simulate, sites
from controller.cli.bench import BENCH, CONTROL
from controller.cli.children import Child, module
from controller.cli.exits import Exit, Failure
from controller.cli.run import PORT, declare_service, port
from controller.statefolder import FolderLock, make_folder, make_runtime_folder, runtime_path, state_path

if TYPE_CHECKING:
    from controller.config.site import Site

SITE = "nice-promenade"
CONSOLE_LOG = "console.log"
START_S, HEARD_S, LOOK_S = 60.0, 8.0, 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Stage:
    """The site that is shown, and where its things are."""

    site: Site
    state: Path
    runtime: Path

    @property
    def bench(self) -> Path:
        """Return the bench file that the simulators write."""
        return self.runtime / BENCH

    def is_up(self) -> bool:
        """Tell whether the controller answers."""
        card = discover.read_card(self.runtime / discover.CARD)
        return card is not None and discover.accepts(card.socket)


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    sites.declare_site(parser, default=SITE)
    parser.add_argument("--port", metavar="N", type=port, help=f"TCP port of the API ({PORT}, or a free one; 0: any)")
    parser.add_argument(
        "--console-port",
        metavar="N",
        type=port,
        help=f"TCP port of the console ({console.PORT}, or a free one; 0: any)",
    )
    parser.add_argument("--no-watch", action="store_true", help="do not show the live picture")
    simulate.declare_field(parser)
    declare_service(parser)


def run(given: Namespace) -> Exit:
    """Start everything, show it, stop everything."""
    from controller.config.load import load_site

    site = load_site(sites.site_file(given.site))
    state = make_folder(state_path(site.name, given.state)).absolute()
    runtime = make_runtime_folder(runtime_path(site.name, given.runtime), CONTROL).absolute()
    FolderLock(state).release()  # refuses a second demo before it disturbs the first
    simulate.refuse_second(runtime)
    asyncio.run(_demo(Stage(site, state, runtime), given))
    return Exit.DONE


async def _demo(stage: Stage, given: Namespace) -> None:
    stop = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    show = Show(stage, given)
    playing = asyncio.create_task(show.play(), name="show")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await show.until(stopping, playing)
    finally:
        for task in (playing, stopping):
            task.cancel()
        await asyncio.gather(playing, stopping, return_exceptions=True)
        print("stopping …", flush=True)
        await show.end()
    print("stopped", flush=True)


class Show:
    """The processes of the demo, in the order in which they were started, and what is told about them."""

    def __init__(self, stage: Stage, given: Namespace) -> None:
        self._stage, self._given = stage, given
        self._children: list[Child] = []

    async def play(self) -> None:
        """Start the simulators, then the controller, then tell and show; goes on until cancelled. Raises Failure."""
        stage = self._stage
        print(f"{stage.site.title}\nstarting the simulated equipment …", flush=True)
        stage.bench.unlink(missing_ok=True)
        words = [str(stage.site.folder), "--bench", str(stage.bench), "--runtime", str(stage.runtime)]
        await self._start("simulators", module("simulators", *words, *simulate.passed_on(self._given)))
        await _until(stage.bench.exists, "the simulators")
        print("starting the controller …", flush=True)
        await asyncio.to_thread(_let_in, stage.state)
        await self._start("controller", module("controller.cli", *_run_words(stage, self._given.port)))
        await _until(stage.is_up, "the API")
        door = client.find(Namespace(url="", runtime=stage.runtime, site="", token_file=None))
        print("starting the console …", flush=True)
        await self._start("console", module("controller.cli", *_console_words(stage, self._given.console_port)))
        await _until(lambda: bool(console.told(stage.runtime / CONSOLE_LOG)), "the console")
        await _heard(door)
        hint = _tell(stage, door)
        if sys.stdout.isatty() and not self._given.no_watch:
            from controller.cli import watch

            await watch.live(door, hint)
        await asyncio.get_running_loop().create_future()

    async def until(self, stopping: asyncio.Task[Any], playing: asyncio.Task[None]) -> None:
        """Return when `stopping` is done. Raises Failure when a child ends by itself, or the show cannot go on."""
        while not stopping.done():
            ends = [child.ended for child in self._children]
            await asyncio.wait([playing, stopping, *ends], timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
            if playing.done() and ends:  # what broke it off may be the end of a child
                await asyncio.wait(ends, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
            dead = next((child for child in self._children if child.ended.done()), None)
            if dead is not None and not stopping.done():
                raise dead.why_ended()
            if playing.done():
                await playing

    async def end(self) -> None:
        """Stop what was started, the controller before its equipment."""
        for child in reversed(self._children):
            await child.stop()

    async def _start(self, name: str, command: list[str]) -> None:
        log = self._stage.runtime / f"{name}.log"
        self._children.append(await Child.start(f"the {name}", command, log))


def _let_in(state: Path) -> None:
    """Make the demo's users, whose passwords everybody knows: they get in only where everything is simulated."""
    from controller.people.demo import add_demo_users
    from controller.people.schema import FILE
    from controller.people.store import Store

    store = Store(state / FILE)
    try:
        add_demo_users(store, simulated=True)
    finally:
        store.close()


def _console_words(stage: Stage, wanted: int | None) -> list[str]:
    number = _number(wanted, console.PORT, "the console")
    return ["console", "--runtime", str(stage.runtime), "--port", str(number)]


def _number(wanted: int | None, usual: int, whose: str) -> int:
    """Return the port that was asked for, or the usual one, or any where another program has that."""
    if wanted is not None:
        return wanted
    if _is_free(usual):
        return usual
    print(f"port {usual} is in use by another program: {whose} takes another one", flush=True)
    return 0


def _run_words(stage: Stage, wanted: int | None) -> list[str]:
    number = _number(wanted, PORT, "the API")
    folders = ["--state", str(stage.state), "--runtime", str(stage.runtime)]
    return ["run", str(stage.site.folder), "--bench", str(stage.bench), "--port", str(number), *folders]


def _is_free(number: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return False
    return True


async def _heard(door: client.Door) -> None:
    """Wait until every device has been heard of, or for as long as a person is willing to wait for the slowest."""
    from controller.cli import watch
    from controller.core.refusals import CLEAR_S

    async with watch.opened(door) as http:

        async def ready() -> bool:
            with client.reaching(door):
                return (await http.get("/readyz")).is_success

        try:
            async with asyncio.timeout(HEARD_S):
                await _look(ready)
            # What is suggested next is to raise, which R09 refuses until the loops have been clear for so long.
            await asyncio.sleep(CLEAR_S)
        except TimeoutError:
            print("some equipment has not answered yet; `rempart devices` shows which", flush=True)


def _tell(stage: Stage, door: client.Door) -> str:
    """Print where everything is and what to try; return what is to stay on the screen of it, a hint a line."""
    from controller.people.rules import DEMO_PASSWORD

    rempart, where = command(), console.told(stage.runtime / CONSOLE_LOG)
    mover = next((device for device in stage.site.devices.values() if device.presence), None)
    print(f"ready: console {where} and API {door.url}", flush=True)
    print("log in as olga (operator), sam (supervisor), tom (technician), ada (administrator) or vic (viewer);")
    print(f"the password of each is {DEMO_PASSWORD}")
    seen = f"console: {where} (log in: olga, {DEMO_PASSWORD})"
    if mover is None:
        return f"{seen}\nCtrl-C ends"
    print("try in a second terminal:")
    print(f"  {rempart} raise {mover.id}")
    print(f"  {rempart} trouble occupy {mover.presence[0]}")
    print("Ctrl-C ends everything", flush=True)
    return f"{seen}\nsecond terminal: {rempart} raise {mover.id}   Ctrl-C ends"


def command() -> str:
    """Return what to type in this folder to run this rempart."""
    script = Path(sys.executable).with_name("rempart")
    found = shutil.which("rempart")
    if found is not None and Path(found).resolve() == script.resolve():
        return "rempart"
    if not script.exists():
        return f"{sys.executable} -m controller.cli"
    return str(script.relative_to(Path.cwd()) if script.is_relative_to(Path.cwd()) else script)


async def _until(met: Callable[[], bool], what: str) -> None:
    async def look() -> bool:
        return met()

    try:
        async with asyncio.timeout(START_S):
            await _look(look)
    except TimeoutError:
        raise Failure(Exit.FAILED, f"{what} did not come up in {START_S:.0f} s") from None


async def _look(met: Callable[[], Awaitable[bool]]) -> None:
    """Return when `met()`; other processes are asked, so nothing here could wake us."""
    while True:
        if await met():
            return
        await asyncio.sleep(LOOK_S)
