"""One controller commands a device: each wire is claimed for this machine before it is touched, whoever else asks for it.

A claim is a unix socket in Linux' abstract namespace: every user sees it, it needs no folder, and it is gone with its process,
after kill -9 too. It listens, so that the kernel tells who holds it. It cannot see a controller on another machine.
"""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from controller.ports import RempartError
from drivers.url import SCHEMES, parse_url

ASKERS = 64
"""So many may ask who holds a claim; nobody takes their connections, and after that the answer is that it is not known."""

NAMED = ("/dev", "/dev/serial/by-id", "/dev/serial/by-path")
"""Where udev gives serial ports their names."""


class WireClaimed(RempartError):
    """Somebody else on this machine drives the wire `where`: process `pid`, 0 where that cannot be told."""

    def __init__(self, where: str, pid: int) -> None:
        who = f" (process {pid})" if pid else ""
        super().__init__(
            f"{where}: another controller or probe on this machine{who} drives this wire, and two never command one "
            "device: stop that one (`ps -C rempart`, or `pgrep -af 'rempart run'`), or give this site its own wires"
        )
        self.where, self.pid = where, pid


@contextmanager
def claimed(urls: Iterable[str], *, every_name: bool = False) -> Iterator[None]:
    """Hold the claim to every wire of `urls` while inside. Raises WireClaimed, and then holds none.

    `every_name`: a serial port under all the names that it has at this moment. Not for long: they are another's after the next
    plugging in.
    """
    with ExitStack() as held:
        for url in urls:
            shown = url.partition("?")[0].lower()
            for place in places(url, every_name=every_name):
                held.enter_context(_claim(place, shown))
        yield


def places(url: str, *, every_name: bool = False) -> list[str]:
    """Return what is claimed for a URL: only where the wire is matters, not how it is spoken to."""
    try:
        wire = parse_url(url)
    except ValueError:
        return [url.partition("?")[0].lower()]
    if SCHEMES[wire.scheme].port is not None:
        return [f"{wire.scheme}://{wire.host.lower()}:{wire.port}"]
    return [f"port {name}" for name in (_names(wire.path) if every_name else [wire.path])]


def _names(port: str) -> list[str]:
    """Return the name that is used, that of the device, and those by which others may know it."""
    device = os.path.realpath(port)
    links = (path for folder in NAMED for path in sorted(Path(folder).glob("*")) if path.is_symlink())
    return list(dict.fromkeys([port, device, *(str(link) for link in links if os.path.realpath(link) == device)]))


def _claim(place: str, shown: str) -> socket.socket:
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    name = f"\0rempart/wire/{hashlib.sha256(place.encode()).hexdigest()}"
    try:
        claim.bind(name)
        claim.listen(ASKERS)
    except OSError as error:
        claim.close()
        if error.errno != errno.EADDRINUSE:
            raise
        raise WireClaimed(shown, _holder(name)) from None
    return claim


def _holder(name: str) -> int:
    """Return the process that holds a claim (SO_PEERCRED, unix(7)), 0 where the kernel does not say."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.setblocking(False)
        try:
            asking.connect(name)
            told = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        except OSError:
            return 0
    return int(struct.unpack("3i", told)[0])
