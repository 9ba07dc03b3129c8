"""One controller commands a device: each wire is claimed for this machine before it is touched, whoever else asks for it.

A claim is a unix socket in Linux' abstract namespace: every user sees it, it needs no folder, and it is gone with its process,
after kill -9 too. It cannot see a controller on another machine.
"""

from __future__ import annotations

import errno
import hashlib
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from controller.ports import RempartError


class WireClaimed(RempartError):
    """Another controller on this machine drives the wire."""


@contextmanager
def claimed(urls: Iterable[str]) -> Iterator[None]:
    """Hold the claim to every wire of `urls` while inside. Raises WireClaimed, and then holds none."""
    with ExitStack() as held:
        for url in urls:
            held.enter_context(_claim(url))
        yield


def _claim(url: str) -> socket.socket:
    # Only where the wire is matters, not how it is spoken to: options follow a question mark.
    where = url.partition("?")[0].lower()
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        claim.bind(f"\0rempart/wire/{hashlib.sha256(where.encode()).hexdigest()}")
    except OSError as error:
        claim.close()
        if error.errno != errno.EADDRINUSE:
            raise
        raise WireClaimed(
            f"{where}: another controller on this machine drives this wire, and two never command one device: "
            "stop that one (`ps -C rempart`, or `pgrep -af 'rempart run'`), or give this site its own wires"
        ) from None
    return claim
