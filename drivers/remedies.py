"""Why a port or a host could not be opened, in words that say what to do about it."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping

PORT: Mapping[int, str] = {
    errno.ENOENT: "no such port: is the adapter plugged in? /dev/serial/by-id/ lists the ones that are",
    errno.ENXIO: "the port is there but no device behind it: plug the adapter in again",
    errno.EACCES: "permission denied: the service's user must be in the group that owns it (ls -l), often dialout",
    errno.EAGAIN: "another process has it open (fuser -v names it): stop that one",
    errno.EINVAL: "the port refuses these settings: does it know this baud rate, parity and number of stop bits?",
    errno.EBUSY: "another process has it open (fuser -v names it): stop that one",
}
HOST: Mapping[int, str] = {
    errno.ECONNREFUSED: "connection refused: the host is up, but nothing listens there; is the port right?",
    errno.EHOSTUNREACH: "no route to the host: is it powered and on this network?",
    errno.ENETUNREACH: "no route to its network: is this machine's own network up?",
}


def why_no_port(port: str, error: OSError) -> str:
    """Say why a serial port could not be opened."""
    return f"{port}: {PORT.get(error.errno or 0, str(error))}"


def why_no_host(host: str, port: int, error: OSError | None, waited_s: float) -> str:
    """Say why a TCP connection could not be made; without an `error` nobody answered for `waited_s`."""
    where = f"{host}:{port}"
    if error is None:
        return f"{where}: no answer within {waited_s:.2f} s; is it powered and on this network?"
    if isinstance(error, socket.gaierror):
        return f"{where}: the name cannot be resolved ({error.strerror}); use the address, or correct the name"
    return f"{where}: {HOST.get(error.errno or 0, str(error))}"
