"""What systemd is told of a `Type=notify` service; nothing at all without it."""

from __future__ import annotations

import os
import socket


def notify(state: str) -> None:
    """Send `state`, e.g. READY=1, to the service manager if there is one."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
        manager.connect("\0" + address[1:] if address.startswith("@") else address)
        manager.send(state.encode())


def watchdog_s() -> float | None:
    """Return how often systemd wants to hear of us, with half the time in hand."""
    usec = os.environ.get("WATCHDOG_USEC", "")
    return int(usec) / 2e6 if usec.isdigit() and int(usec) > 0 else None
