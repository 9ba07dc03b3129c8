"""The keys that reports are signed with: Ed25519, a file a person, tied to a name.

A private key file is a PEM (PKCS #8) under a first line that names the person, mode 0600; a public key is one line,
`rempart-ed25519 BASE64 NAME`, and a list of trusted keys is such lines, with `#` before a comment. A fingerprint is `SHA256:` and
the base64 of the SHA-256 of the key's 32 bytes, without the padding. Errors are ReportError.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from controller.commissioning.report.plain import ReportError
from controller.statefolder import make_folder

KIND, HEAD = "rempart-ed25519", "rempart report key of "
NAME_MOST, FILE_MOST = 200, 1 << 20
DEFAULT = "report.key"
Ask = Callable[[str], str]
"""Asks the person for a passphrase, with a prompt."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that checks signatures, and whose it is said to be."""

    raw: bytes
    name: str

    @property
    def fingerprint(self) -> str:
        """What people compare."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.raw).digest()).decode().rstrip("=")

    @property
    def line(self) -> str:
        """The public key as a line of a file."""
        return f"{KIND} {base64.b64encode(self.raw).decode()} {self.name}"

    def holds(self, signature: bytes, signed: bytes) -> bool:
        """Tell whether `signature` over `signed` is by this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, signed)
        except (InvalidSignature, ValueError):
            return False
        return True


class PrivateKey:
    """A key that signs; `public` says whose it is."""

    def __init__(self, key: Ed25519PrivateKey, name: str) -> None:
        self._key = key
        self.public = PublicKey(key.public_key().public_bytes_raw(), checked_name(name))

    def sign(self, signed: bytes) -> bytes:
        """Return the signature over `signed`."""
        return self._key.sign(signed)


def checked_name(name: str, where: str = "name") -> str:
    """Return `name` with single blanks; raises ReportError for one that names nobody or breaks a line."""
    told = " ".join(name.split())
    if not told or len(told) > NAME_MOST or not told.isprintable():
        raise ReportError(
            f"{where}: expected a person's name, printable and of 1 to {NAME_MOST} characters, found {name!r}"
        )
    return told


def default_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Where a person's key is if nobody says: in the folder of that person's states, and of no site."""
    base = environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".local" / "state") / "rempart" / DEFAULT


def make(path: Path, name: str, passphrase: str = "") -> PrivateKey:
    """Make a new key of `name` at `path`, readable by its owner alone; never overwrites one."""
    key = PrivateKey(Ed25519PrivateKey.generate(), name)
    locked = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    pem = key._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)  # noqa: SLF001 (the same module)
    half = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        make_folder(path.absolute().parent)
        fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(fd, "wb") as file:
            file.write(f"{HEAD}{key.public.name}\n".encode() + pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(half, path)  # unlike a renaming, it fails where a key is there already
    except FileExistsError as error:
        raise ReportError(f"{path}: is there already, and a key is never overwritten; give another --key") from error
    except OSError as error:
        raise ReportError(f"{path}: cannot be written: {error.strerror}; give another --key") from error
    finally:
        half.unlink(missing_ok=True)
    return key


def load(path: Path, ask: Ask) -> PrivateKey:
    """Read a private key that nobody but its owner can read; `ask` is called where it has a passphrase."""
    text = read_file(path, FILE_MOST, private=True)
    head, _, pem = text.partition(b"\n")
    if not head.startswith(HEAD.encode()):
        raise ReportError(f"{path}: not a key of rempart's; make one with `rempart report key --name NAME --key FILE`")
    try:
        key: object = load_pem_private_key(pem, None)
    except TypeError:  # it has a passphrase
        key = _unlocked(path, pem, ask)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ReportError(f"{path}: holds no whole private key; restore it from a copy, or make another one") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ReportError(f"{path}: not an Ed25519 key; make one with `rempart report key --name NAME --key FILE`")
    return PrivateKey(key, checked_name(_text(head, path).removeprefix(HEAD), str(path)))


def _unlocked(path: Path, pem: bytes, ask: Ask) -> object:
    try:
        return load_pem_private_key(pem, ask(f"passphrase of {path}: ").encode())
    except (TypeError, ValueError) as error:
        raise ReportError(f"{path}: the passphrase does not open it") from error


def parse_line(line: str, where: str) -> PublicKey:
    """Read a public key's line."""
    kind, _, rest = line.strip().partition(" ")
    encoded, _, name = rest.strip().partition(" ")
    raw = decoded(encoded, where) if kind == KIND else b""
    if len(raw) != 32:
        raise ReportError(
            f"{where}: expected `{KIND} BASE64 NAME` as `rempart report key` prints it, found {line[:60]!r}"
        )
    return PublicKey(raw, checked_name(name, where))


def decoded(text: str, where: str) -> bytes:
    """Decode base64 that has one way only to be written."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ReportError(f"{where}: expected base64, found {text[:60]!r}") from error
    if base64.b64encode(raw).decode() != text:
        raise ReportError(f"{where}: not in the one form of base64")
    return raw


def read_public(path: Path) -> Sequence[PublicKey]:
    """Read a file of public keys, one a line; an error where it has none, or one key twice."""
    found: dict[bytes, PublicKey] = {}
    for number, line in enumerate(_text(read_file(path, FILE_MOST), path).splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key = parse_line(line, f"{path}:{number}")
        if key.raw in found:
            raise ReportError(f"{path}:{number}: the same key as that of {found[key.raw].name}; a key is one person's")
        found[key.raw] = key
    if not found:
        raise ReportError(f"{path}: holds no public key; expected lines as `rempart report key` prints them")
    return tuple(found.values())


def read_file(path: Path, most: int, *, private: bool = False) -> bytes:
    """Read a regular file of at most `most` bytes; `private`: which others cannot read or change."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (os.O_NOFOLLOW if private else 0))
        with open(fd, "rb") as file:
            mode = os.fstat(fd).st_mode
            if not stat.S_ISREG(mode):
                raise ReportError(f"{path}: not a regular file; is it the right one?")
            if private and mode & 0o077:
                raise ReportError(
                    f"{path}: mode {stat.S_IMODE(mode):04o}, others can read or change it, expected 0600; who has it can "
                    "sign in its owner's name: make another key, and tell those who trust this one"
                )
            content = file.read(most + 1)
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > most:
        raise ReportError(f"{path}: more than {most} bytes, which none of rempart's is; is it the right file?")
    return content


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ReportError(f"{path}: not UTF-8; is it the right file?") from error
