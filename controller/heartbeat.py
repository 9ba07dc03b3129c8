"""Telling systemd that the service is up, and that it still does its work (sd_notify(3), systemd.service(5) WatchdogSec=).

The watchdog is fed only while every runner and every endpoint makes progress: a service that answers systemd but no longer
polls is restarted like one that is dead.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping

from controller.ports import RempartError

# A beat may be late or lost and the next still comes in time.
BEATS_PER_TIMEOUT = 4
# Without a watchdog the status line is still kept.
STATUS_EVERY_S = 5.0


class NotifySocketError(RempartError):
    """NOTIFY_SOCKET or WATCHDOG_USEC does not hold what systemd puts there."""


class Notifier:
    """Speaks to systemd, or to nobody when it did not start us. A message that cannot be sent is counted, never an error."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Notifier:
        """Read NOTIFY_SOCKET and WATCHDOG_USEC; raises NotifySocketError when they make no sense."""
        address = environ.get("NOTIFY_SOCKET", "")
        if address and address[0] not in "/@":
            raise NotifySocketError(f"NOTIFY_SOCKET={address}: expected an absolute path or @name; unset it")
        usec, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
        if usec and not (usec.isascii() and usec.isdigit() and int(usec) > 0):
            raise NotifySocketError(f"WATCHDOG_USEC={usec}: expected microseconds; set WatchdogSec= in the unit")
        ours = bool(address and usec) and pid in ("", str(os.getpid()))
        return cls(address, int(usec) / 1e6 if ours else None)

    def __init__(self, address: str = "", watchdog_s: float | None = None) -> None:
        """`address`: a path, @name for the abstract name space, or empty for nobody."""
        self.watchdog_s = watchdog_s
        self.unsent = 0
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) if address else None

    def send(self, **variables: str | int) -> None:
        """Send assignments such as READY=1 in one message; line breaks in a value become blanks."""
        if self._socket is None:
            return
        lines = [f"{name}={' '.join(str(value).splitlines())}" for name, value in variables.items()]
        try:
            self._socket.sendto("\n".join(lines).encode("utf-8", "backslashreplace"), self._address)
        except OSError:
            self.unsent += 1

    def ready(self, status: str = "") -> None:
        """The service is up: everything that waits for it may start."""
        self.send(READY=1, STATUS=status)

    def stopping(self, status: str = "") -> None:
        """The service is on its way down, on purpose."""
        self.send(STOPPING=1, STATUS=status)

    def close(self) -> None:
        """Release the socket."""
        if self._socket is not None:
            self._socket.close()


async def beat(notifier: Notifier, alive: Callable[[], bool], status: Callable[[], str]) -> None:
    """Feed the watchdog while `alive()`, and tell a changed `status()`, until cancelled."""
    every_s = notifier.watchdog_s / BEATS_PER_TIMEOUT if notifier.watchdog_s else STATUS_EVERY_S
    told = ""
    while True:
        if notifier.watchdog_s and alive():
            notifier.send(WATCHDOG=1)
        if (line := status()) != told:
            notifier.send(STATUS=line)
            told = line
        await asyncio.sleep(every_s)
