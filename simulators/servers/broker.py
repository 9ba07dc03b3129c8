"""An MQTT broker for the simulated field: mosquitto where it is installed, an embedded one otherwise."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from pathlib import Path
from typing import Any, Protocol

from simulators.errors import SimulationError
from simulators.servers.tcp import HOST

SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
# The guard's input ends when we do, however we end; the broker must not stay behind.
GUARD = '"$0" -c "$1" & read -r _; kill "$!"; wait "$!"'
START_S = 5.0
STOP_S = 1.0


class Broker(Protocol):
    """A broker on a port of this machine."""

    kind: str
    port: int

    async def start(self) -> None:
        """Serve. Raises SimulationError."""
        ...

    async def stop(self) -> None:
        """End."""
        ...


def choose(wanted: str, folder: Path) -> Broker:
    """Return the broker of that kind; `auto` prefers mosquitto. Raises SimulationError where it is wanted and missing."""
    program = shutil.which("mosquitto", path=SEARCH_PATH)
    if wanted == "embedded" or (wanted == "auto" and program is None):
        return Embedded()
    if program is None:
        raise SimulationError("--broker mosquitto: there is no such program here: install it, or use --broker embedded")
    return Mosquitto(program, folder)


class Mosquitto:
    """A mosquitto of our own, as a child process."""

    kind = "mosquitto"

    def __init__(self, program: str, folder: Path) -> None:
        self.port = 0
        self._program = program
        self._config = folder / "mosquitto.conf"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.port = _free_port()
        # Without the third line it forgets messages to a slow subscriber and tells nobody.
        self._config.write_text(
            f"listener {self.port} {HOST}\nallow_anonymous true\nmax_queued_messages 0\npersistence false\nlog_type none\n"
        )
        nowhere = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", GUARD, self._program, str(self._config)),
            stdin=asyncio.subprocess.PIPE,
            stdout=nowhere,
            stderr=nowhere,
            start_new_session=True,
        )
        await _listening(self.port, self._process)

    async def stop(self) -> None:
        self._config.unlink(missing_ok=True)
        if self._process is None or self._process.returncode is not None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()


class Embedded:
    """amqtt in this very process: good enough to look at, not to measure with."""

    kind = "embedded"

    def __init__(self) -> None:
        self.port = 0
        self._broker: Any = None

    async def start(self) -> None:
        from amqtt.broker import Broker as Amqtt  # its import takes half a second that mosquitto's users need not wait

        self.port = _free_port()
        self._broker = Amqtt(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{self.port}"}},
                "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
            }
        )
        await self._broker.start()

    async def stop(self) -> None:
        if self._broker is not None:
            await self._broker.shutdown()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


async def _listening(port: int, process: asyncio.subprocess.Process) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + START_S
    while loop.time() < end and process.returncode is None:
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise SimulationError(f"mosquitto did not listen on {HOST}:{port} within {START_S:g} s")
