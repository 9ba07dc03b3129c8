"""The two sockets of the API: who may bind what, and what is in the way."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import stat
from pathlib import Path

from controller.ports import RempartError
from controller.statefolder import make_runtime_folder

PROBE_S = 0.2
"""How long to wait for whoever may listen on a socket that is there already."""


class BindError(RempartError):
    """The API cannot be served there; says why and what to do."""


def bind_loopback(host: str, port: int) -> socket.socket:
    """Bind TCP `port` of a loopback address; 0 takes any free one. Raises BindError."""
    address = _loopback(host)
    if not 0 <= port <= 65535:
        raise BindError(f"port {port}: expected 0 to 65535")
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    # asyncio sends small answers at once (TCP_NODELAY) only where the protocol is spelt out; else each waits 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((str(address), port))
        # Binding alone does not find out about another listener (SO_REUSEADDR); listening does.
        bound.listen()
    except OSError as error:
        bound.close()
        raise _refused(host, port, error) from error
    return bound


def _loopback(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise BindError(
            f"host {host}: the API binds to loopback only; use 127.0.0.1. People reach it from elsewhere by the "
            "console, programs by an ssh tunnel"
        )
    return address


def _refused(host: str, port: int, error: OSError) -> BindError:
    if error.errno == errno.EADDRINUSE:
        return BindError(f"port {port} on {host} is in use by another program; stop it, or choose another with --port")
    if error.errno == errno.EACCES:
        return BindError(f"port {port} on {host}: no permission; choose one above 1023 with --port")
    return BindError(f"port {port} on {host}: {error.strerror}; choose another with --port")


class UnixSocket:
    """The listening unix socket at `path`, mode 0600, in a folder of mode 0700. Raises BindError, FolderError.

    With `for_group` its mode is 0660, of the process's group: who is in it and gets into the folder may connect.
    """

    def __init__(self, path: Path, *, for_group: bool = False) -> None:
        make_runtime_folder(path.parent, path.name)
        _make_way(path)
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.socket.bind(str(path))
            # Nobody can connect before listen, so there is no instant in which others could.
            path.chmod(0o660 if for_group else 0o600)
            self.socket.listen()
        except OSError as error:
            self.socket.close()
            raise BindError(f"{path}: cannot listen there: {error.strerror}; give another --runtime folder") from error
        self._inode = path.stat().st_ino

    def close(self) -> None:
        """Release the socket, and remove its file unless somebody else has put another one there."""
        self.socket.close()
        try:
            if self.path.lstat().st_ino == self._inode:
                self.path.unlink()
        except FileNotFoundError:
            return


def _make_way(path: Path) -> None:
    """Remove the socket of a dead process. Raises BindError for a live one, or for a file that is no socket."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise BindError(f"{path}: there is a file that is not a socket; move it away")
    if _answers(path):
        raise BindError(f"{path}: another controller listens there; stop that one first")
    os.unlink(path)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_S)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return False
        except OSError:
            return True
    return True
