"""A desk in the yard of tests.shell.scripted: the real API on the real supervisor, and `rempart` run beside it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from controller.api import ApiServer, build_app
from controller.service import CARD, SOCKET, announced
from controller.statefolder import SUPERVISOR_TOKEN, ensure_token, make_folder, make_runtime_folder
from tests.shell.scripted import OVERALL_S, Rig, ScriptedLink, link_at_rest, plant, running

BESIDE = {"PYTHONUNBUFFERED": "1", "COLUMNS": "80", "LINES": "24"}
INHERITED = ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "COVERAGE_PROCESS_START")
PATIENCE_S = 6 * OVERALL_S


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


@dataclass
class Running:
    """A command under way. Its output is there as it comes."""

    process: asyncio.subprocess.Process
    out: str = ""

    async def says(self, text: str) -> None:
        """Return when `text` has been printed on stdout."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while text not in self.out:
                more = await self.process.stdout.read(4096)
                if not more:
                    raise AssertionError(f"ended without saying {text!r}: {await self.end()}")
                self.out += more.decode()

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    async def end(self) -> Outcome:
        """Return how it ended."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                out, err = await self.process.communicate()
        finally:
            if self.process.returncode is None:
                self.process.kill()
        return Outcome(self.process.returncode or 0, self.out + out.decode(), err.decode())


@dataclass
class Shell:
    """A person's shell: where rempart finds what runs for them."""

    runtime: Path
    state: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of a command."""
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return {
            **inherited,
            **BESIDE,
            "XDG_RUNTIME_DIR": str(self.runtime),
            "XDG_STATE_HOME": str(self.state),
            **self.more,
        }

    async def start(self, *words: str | Path) -> Running:
        """Start a command and leave it running."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "controller.cli",
            *map(str, words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment,
        )
        return Running(process)

    async def rempart(self, *words: str | Path) -> Outcome:
        """Run a command to its end."""
        return await (await self.start(*words)).end()


@dataclass
class Desk:
    """A running yard with its API, announced where the shell looks for it."""

    shell: Shell
    rig: Rig
    server: ApiServer
    token_file: Path

    @property
    def rempart(self) -> Callable[..., Awaitable[Outcome]]:
        """Run a command at this desk."""
        return self.shell.rempart


@asynccontextmanager
async def desk(
    shell: Shell, folder: Path, *, name: str = "yard", link: ScriptedLink | None = None
) -> AsyncIterator[Desk]:
    """Open the yard; steel and lamps follow their outputs at once unless `link` says otherwise."""
    if link is None:
        link = link_at_rest()
        link.follow()
    make_folder(folder)
    runtime = make_runtime_folder(shell.runtime / "rempart" / name)
    async with running(folder, link=link, site=plant(link, simulated=True)) as rig:
        await rig.at_rest()
        supervisor_token = ensure_token(folder, SUPERVISOR_TOKEN)
        app = build_app(rig.supervisor, token=ensure_token(folder), supervisor_token=supervisor_token)
        async with ApiServer(app, runtime / SOCKET, port=0) as server:
            told: dict[str, str | int] = {
                "site": name,
                "pid": os.getpid(),
                "socket": str(server.socket_path),
                "url": server.url,
                "token_file": str(folder / "token"),
                "supervisor_token_file": str(folder / SUPERVISOR_TOKEN),
                "boot": "boot",
            }
            with announced(runtime / CARD, told):
                yield Desk(shell, rig, server, folder / "token")
