"""Who has logged in, and until when. In memory only: a restart of the controller ends every session.

A session is known by the SHA-256 of its token: what is in memory lets nobody in.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

IDLE_S, ABSOLUTE_S = 1800.0, 43_200.0
"""For how long a session lasts without a request, and at most."""

MOST = 8
"""How many sessions one person may have: then the one that was used longest ago ends."""

TOKEN_BYTES = 32


@dataclass(slots=True)
class Session:
    """One person, logged in. Times are monotonic seconds; `epoch` tells which state of the user it stands for."""

    digest: str
    key: str
    epoch: int
    began: float
    used: float

    @property
    def expires(self) -> float:
        """Return when it ends if nothing more is asked."""
        return min(self.used + IDLE_S, self.began + ABSOLUTE_S)


def digest(token: str) -> str:
    """Return by what a token is known."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class Sessions:
    """All sessions of this run."""

    def __init__(self) -> None:
        self._by_digest: dict[str, Session] = {}

    def begin(self, key: str, epoch: int, now: float) -> tuple[str, Session]:
        """Begin a session of the user `key`, and return it with its token."""
        theirs = sorted((s for s in self._by_digest.values() if s.key == key), key=lambda session: session.used)
        for old in theirs[: max(len(theirs) - MOST + 1, 0)]:
            del self._by_digest[old.digest]
        token = new_token()
        session = Session(digest(token), key, epoch, now, now)
        self._by_digest[session.digest] = session
        return token, session

    def find(self, name: str, now: float, *, use: bool) -> Session | None:
        """Return the session of this digest; to `use` it puts its end off. None where it has ended."""
        session = self._by_digest.get(name)
        if session is None:
            return None
        if now >= session.expires:
            del self._by_digest[name]
            return None
        if use:
            session.used = now
        return session

    def end(self, name: str) -> Session | None:
        """End a session, and return it where there was one."""
        return self._by_digest.pop(name, None)

    def keep(self, valid: Callable[[Session], bool], now: float) -> list[Session]:
        """End every session that is not `valid` any more, and return those; forget those whose time is over."""
        ended = [session for session in self._by_digest.values() if not valid(session)]
        for session in (*ended, *(s for s in self._by_digest.values() if now >= s.expires)):
            self._by_digest.pop(session.digest, None)
        return ended

    def of(self, key: str) -> list[Session]:
        """Return the sessions of one user."""
        return [session for session in self._by_digest.values() if session.key == key]
