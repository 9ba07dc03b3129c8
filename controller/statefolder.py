"""Where a site keeps what outlives the process (journal, token, lock) and what does not (sockets).

    RempartError
    └── FolderError      a folder or a file in it cannot be used; says which, why, and what to do
        └── StateLocked  another process holds it; names its pid

One controller commands a device (never two, even for an instant): whoever runs a site holds the lock of its state folder.
The kernel releases it with the process, kill -9 included, so a lock file that was left behind means nothing.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from controller.ports import RempartError

LOCK, TOKEN, SUPERVISOR_TOKEN, JOURNAL = "lock", "token", "supervisor-token", "journal.db"
# sockaddr_un.sun_path holds 108 bytes with the closing zero (unix(7)); "/api.sock" must fit in.
SOCKET_PATH_MAX = 107
TOKEN_BYTES = 32


class FolderError(RempartError):
    """A state or runtime folder, or a file in it, cannot be used."""


class StateLocked(FolderError):
    """Process `pid` (None if it did not say) holds `folder`."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"{folder}: in use by {who}, and one controller commands a site; stop that one first")
        self.folder, self.pid = folder, pid


def state_path(site: str, given: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Where `site` keeps its state: `given`, else $STATE_DIRECTORY (systemd), else under $XDG_STATE_HOME. Not made yet."""
    if path := given or _from_systemd("STATE_DIRECTORY", environ):
        return path
    base = _xdg("XDG_STATE_HOME", environ) or Path.home() / ".local" / "state"
    return base / "rempart" / _component(site)


def runtime_path(site: str, given: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Where `site` has its sockets: `given`, else $RUNTIME_DIRECTORY, else $XDG_RUNTIME_DIR, else /tmp. Not made yet."""
    if path := given or _from_systemd("RUNTIME_DIRECTORY", environ):
        return path
    base = _xdg("XDG_RUNTIME_DIR", environ)
    return (base / "rempart" if base else Path(f"/tmp/rempart-{os.getuid()}")) / _component(site)  # noqa: S108 (checked)


def make_folder(path: Path) -> Path:
    """Make `path` with mode 0700 where it is not there, and make sure that nobody else can change what is in it.

    Raises FolderError.
    """
    try:
        for folder in (*reversed(path.parents), path):
            if not folder.exists():
                folder.mkdir(mode=0o700)
        found = path.stat()
    except OSError as error:
        raise FolderError(f"{path}: cannot be made: {error.strerror}; give another folder, or permission") from error
    if not stat.S_ISDIR(found.st_mode):
        raise FolderError(f"{path}: not a folder; move it away or give another one")
    _refuse_strangers(path)
    return path


def make_runtime_folder(path: Path, socket_name: str = "api.sock") -> Path:
    """As make_folder; refuses a path that is too long for the socket in it."""
    if len(os.fsencode(path.absolute() / socket_name)) > SOCKET_PATH_MAX:
        raise FolderError(f"{path}: too long for a socket in it (at most {SOCKET_PATH_MAX} bytes); give a shorter one")
    return make_folder(path)


class FolderLock:
    """The exclusive hold of one process on `folder`, until `release` or the end of the process."""

    def __init__(self, folder: Path) -> None:
        """Take the lock at once; raises StateLocked, FolderError."""
        path = folder / LOCK
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise FolderError(f"{path}: cannot be opened: {error.strerror}; give permission") from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError as error:
            pid = os.pread(self._fd, 32, 0).strip()
            os.close(self._fd)
            raise StateLocked(folder, int(pid) if pid.isdigit() else None) from error
        except OSError as error:
            os.close(self._fd)
            raise FolderError(
                f"{path}: cannot be locked: {error.strerror}; use a local disk with room on it"
            ) from error

    def release(self) -> None:
        """Let another process have the folder; doing it again changes nothing."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __enter__(self) -> FolderLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def ensure_token(folder: Path, name: str = TOKEN) -> str:
    """Return a token of the folder; make it if there is none. Call it only under the folder's lock. Raises FolderError."""
    path = folder / name
    if not os.path.lexists(path):
        try:
            _write_secret(path, secrets.token_urlsafe(TOKEN_BYTES))
        except OSError as error:
            raise FolderError(f"{path}: cannot be written: {error.strerror}; make room or give permission") from error
    return read_token(path)


def read_token(path: Path) -> str:
    """Read a token that nobody but its owner can read; raises FolderError."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise FolderError(
            f"{path}: no token can be read: {error.strerror}; is this site's controller running?"
        ) from error
    with open(fd, encoding="ascii", errors="replace") as file:
        mode = os.fstat(fd).st_mode
        if not stat.S_ISREG(mode):
            raise FolderError(f"{path}: not a regular file; is it the right one?")
        if mode & 0o077:
            raise FolderError(
                f"{path}: mode {stat.S_IMODE(mode):04o}, others can read or change it, expected 0600; is it the right file? "
                "If it is the controller's token, delete it and restart the controller, which makes a new one"
            )
        token = file.read(4096).strip()
    if len(token) < TOKEN_BYTES or not (token.isascii() and token.isprintable()):
        raise FolderError(
            f"{path}: holds no token; is it the right file? If it is the controller's, delete it and restart the controller, "
            "which makes a new one"
        )
    return token


def _write_secret(path: Path, text: str) -> None:
    """Whole or not at all: a crash in the middle must not leave an empty token behind."""
    half = path.with_name(path.name + ".new")
    half.unlink(missing_ok=True)
    fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(fd, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(fd)
    half.rename(path)


def _refuse_strangers(path: Path) -> None:
    """`path`, and under /tmp every folder on the way to it, must be nobody's to change but ours or root's."""
    way = [path, *path.absolute().parents]
    shared = next((at for at, folder in enumerate(way) if folder.stat().st_mode & stat.S_ISVTX), 1)
    for folder in way[: max(shared, 1)]:
        found = folder.stat()
        if found.st_uid not in (os.geteuid(), 0):
            raise FolderError(f"{folder}: belongs to user {found.st_uid}, not to {os.geteuid()}; give another folder")
        if found.st_mode & 0o022:
            mode = stat.S_IMODE(found.st_mode)
            if mode & stat.S_ISVTX:
                raise FolderError(
                    f"{folder}: everybody's folder (mode {mode:04o}); give one of your own, e.g. {folder}/rempart"
                )
            raise FolderError(f"{folder}: mode {mode:04o}, others can change what is in it; chmod go-w {folder}")


def _from_systemd(variable: str, environ: Mapping[str, str]) -> Path | None:
    value = environ.get(variable, "")
    if ":" in value:
        raise FolderError(f"{variable}={value}: expected one folder; name one in the unit")
    return Path(value) if value else None


def _xdg(variable: str, environ: Mapping[str, str]) -> Path | None:
    """A relative path in such a variable is to be ignored (XDG Base Directory Specification)."""
    value = environ.get(variable, "")
    return Path(value) if value.startswith("/") else None


def _component(site: str) -> str:
    if not site or site in (".", "..") or "/" in site or "\0" in site:
        raise FolderError(f"site {site!r}: cannot name a folder; expected a name such as nice-promenade")
    return site
