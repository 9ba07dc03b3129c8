"""Where people come in: their passwords, sessions and the tokens of programs, as the API of a running controller uses them.

Who comes with a token is answered from memory, at once: no order waits for the file or for a password. What others change in the
file is noticed within WATCH_S.
"""

from __future__ import annotations

import asyncio
import hmac
import math
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import structlog

from controller.core import people
from controller.people import rules
from controller.people.credential import Credential
from controller.people.errors import NoSuch, PeopleError, StoreUnavailable, TooBusy, TooManyAttempts, WrongCredentials
from controller.people.passwords import Hashing, Passwords
from controller.people.sessions import Session, Sessions, digest
from controller.people.store import Snapshot, Store, User, utc_label
from controller.people.tally import Tally
from controller.people.throttle import Throttle, near
from controller.ports import Entry, Journal, JournalUnavailable

KIND = "people"
"""The kind of a journal entry about people."""

WATCH_S = 1.0
CODE_S = 86_400.0
"""How long the code for the first administrator is good."""

CODE_BYTES = 18
_CODE, _OWN = "\0code", "\0own"
"""Under which names attempts are counted that are no login; no user and no address has such a name."""

log = structlog.get_logger("rempart.people")
T = TypeVar("T")


class Reception:
    """Lets people and programs in. Its own state belongs to the loop; the file is used in a thread."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        *,
        now: Callable[[], float],
        utc: Callable[[], datetime],
        passwords: Passwords | None = None,
        demo: bool = False,
        shut: str = "",
    ) -> None:
        """`now` is monotonic; only with `demo` do demo users get in, and nobody where it is `shut`, for that reason.

        Reads the file at once. Raises StoreUnavailable.
        """
        self._shut = shut
        self._store, self._journal, self._now, self._utc, self._demo = store, journal, now, utc, demo
        self._passwords, self._hashing = passwords or Passwords(), Hashing()
        self._thread = ThreadPoolExecutor(1, "people")
        self._sessions, self._throttle, self._tally = Sessions(), Throttle(), Tally()
        self._version = store.version()
        self._snapshot = store.snapshot()
        self._code: tuple[str, float] | None = None
        self._trouble = ""

    @property
    def known(self) -> Snapshot:
        """Return what is known of users and tokens."""
        return self._snapshot

    def close(self) -> None:
        """Release the threads and the file."""
        self._hashing.close()
        self._thread.shutdown()
        self._store.close()

    def credential(self, token: str) -> Credential | None:
        """Return who comes with this token, which puts the end of a session off; None for nobody."""
        return self._of_digest(digest(token), use=True)

    def valid(self, credential: Credential) -> bool:
        """Tell whether who came with this credential would still be let in, in that role."""
        return credential.local or self._of_digest(credential.digest, use=False) == credential

    def user(self, credential: Credential) -> User | None:
        """Return the user who is behind a credential."""
        return self._snapshot.users.get(people.key(credential.principal)) if credential.person else None

    def session(self, credential: Credential) -> Session | None:
        """Return the session that a credential is of."""
        return self._sessions.find(credential.digest, self._now(), use=False) if credential.person else None

    async def log_in(self, name: str, password: str, address: str) -> tuple[str, Credential]:
        """Begin a session. Raises WrongCredentials, TooManyAttempts, TooBusy, StoreUnavailable."""
        key, place = people.key(name), near(address)
        familiar = (key, place) in self._snapshot.familiar
        with self._attempt(key, place, address, familiar=familiar):
            user = await self._hashing.run(lambda: self._proven(name, password, place), ahead=familiar)
            if user is None:
                raise WrongCredentials("the name or the password is wrong")
        await self.refresh()
        known = self._snapshot.users.get(user.key)
        if known is None or known.epoch != user.epoch or not self._welcome(known):
            # Disabled, removed or changed while the password was looked at.
            raise WrongCredentials("the name or the password is wrong")
        return self._begun(known, address)

    def log_out(self, credential: Credential) -> None:
        """End the session of this credential."""
        if self._sessions.end(credential.digest) is not None:
            self._note("logout", user=credential.principal)

    def offer_code(self) -> str:
        """Return a code with which the first administrator is made, once; empty where there is a user."""
        if self._snapshot.users or self._shut:
            return ""
        code = secrets.token_urlsafe(CODE_BYTES)
        self._code = digest(code), self._now() + CODE_S
        return code

    @property
    def code_offered(self) -> bool:
        """Tell whether there is a code that is still good."""
        return self._code is not None and not self._snapshot.users and self._now() < self._code[1]

    async def log_in_first(self, code: str, name: str, password: str, address: str) -> tuple[str, Credential]:
        """Make the first administrator with the code, and begin a session. Raises Unfit, Taken, and as `log_in`."""
        with self._attempt(_CODE, near(address), address, familiar=False):
            offered = self._code
            if offered is None or not self.code_offered or not hmac.compare_digest(digest(code), offered[0]):
                raise WrongCredentials("the code is wrong, used, or older than 24 h, or there is a user already")
        found, secret = rules.name(name), rules.password(password, name)
        self._code = None
        try:
            user = await self._hashing.run(
                lambda: self._store.add_first(found, self._passwords.hash(secret)), ahead=True
            )
        except PeopleError:
            self._code = offered
            raise
        await self.refresh()
        return self._begun(user, address)

    async def change_password(self, credential: Credential, old: str, new: str, address: str) -> None:
        """Give the person of this credential another password, which ends the other sessions. Raises Unfit, and as `log_in`."""
        name = credential.principal
        secret = rules.password(new, name, "new")
        with self._attempt(people.key(name), _OWN, address, familiar=True):
            user = await self._hashing.run(lambda: self._changed(name, old, secret), ahead=True)
            if user is None:
                raise WrongCredentials("the old password is wrong")
        session = self.session(credential)
        if session is not None:
            session.epoch = user.epoch
        await self.refresh()

    async def hashed(self, password: str, of: str) -> str:
        """Return what is kept of the new password of the user `of`. Raises Unfit, TooBusy."""
        secret = rules.password(password, of)
        return await self._hashing.run(lambda: self._passwords.hash(secret), ahead=True)

    async def ask(self, work: Callable[[Store], T]) -> T:
        """Return what `work` does with the file, and know what it has changed. Raises what it raises."""
        self._refuse_if_shut()
        found = await self._in_thread(lambda: work(self._store))
        await self.refresh()
        return found

    async def refresh(self) -> None:
        """Take in what has changed in the file, and end the sessions that end with it. Raises StoreUnavailable."""
        found = await self._in_thread(self._news)
        if found is None:
            return
        self._version, self._snapshot = found
        self._sessions.keep(self._stands, self._now())

    async def tell(self) -> None:
        """Move what has changed to the journal. Raises StoreUnavailable, JournalUnavailable."""
        changes = await self._in_thread(self._store.changes)
        if changes:
            await self._journal.append(*(Entry(KIND, body=body) for _, body in changes))
            await self._in_thread(lambda: self._store.told(changes[-1][0]))

    async def watch(self) -> None:
        """Notice what others change, and have it in the journal, until cancelled."""
        while True:
            await asyncio.sleep(WATCH_S)
            self._tell_failed()
            try:
                await self.refresh()
                with suppress(JournalUnavailable):  # which annunciates it by itself
                    await self.tell()
            except StoreUnavailable as error:
                self._troubled(str(error))
            else:
                self._troubled("")

    def _troubled(self, why: str) -> None:
        if why and not self._trouble:
            log.error("people.db cannot be used: who is logged in stays so, nobody else gets in", why=why)
        self._trouble = why

    @contextmanager
    def _attempt(self, key: str, place: str, address: str, *, familiar: bool) -> Iterator[None]:
        """One attempt: counted from its beginning, taken back where it succeeds or was not looked at."""
        self._refuse_if_shut()
        user = self._snapshot.users.get(key)
        name = user.name if user else ""
        wait = self._throttle.admit(key, place, self._now(), familiar=familiar)
        if wait > 0:
            self._failed(name, address, looked_at=False)
            raise TooManyAttempts(math.ceil(wait))
        try:
            yield
        except WrongCredentials:
            self._failed(name, address, looked_at=True)
            raise
        except (TooBusy, StoreUnavailable):
            self._throttle.took_back(key, place, familiar=familiar)
            raise
        self._throttle.succeeded(key, place, familiar=familiar)

    def _refuse_if_shut(self) -> None:
        if self._shut:
            raise StoreUnavailable(self._shut)

    def _failed(self, user: str, address: str, *, looked_at: bool) -> None:
        self._tally.failed(user, address, self._now(), looked_at=looked_at)
        self._tell_failed()

    def _tell_failed(self) -> None:
        body = self._tally.due(self._now())
        if body is not None:
            self._journal.note(Entry(KIND, body=body))

    def _begun(self, user: User, address: str) -> tuple[str, Credential]:
        # Where the disk is full the file does not learn of it, and this run does.
        known = self._snapshot
        self._snapshot = replace(known, familiar=known.familiar | {(user.key, near(address))})
        token, session = self._sessions.begin(user.key, user.epoch, self._now())
        self._note("login", user=user.name, role=str(user.role), address=address)
        return token, Credential(user.name, user.role, person=True, digest=session.digest)

    def _note(self, what: str, **particulars: str) -> None:
        self._journal.note(Entry(KIND, body={"what": what, **particulars}))

    def _of_digest(self, name: str, *, use: bool) -> Credential | None:
        session = self._sessions.find(name, self._now(), use=use)
        if session is not None:
            user = self._snapshot.users.get(session.key)
            if user is None or not self._stands(session):
                return None
            return Credential(user.name, user.role, person=True, digest=name)
        token = self._snapshot.tokens.get(name)
        if token is None or utc_label(self._utc()) >= token.expires:
            return None
        return Credential(token.principal, token.role, digest=name)

    def _stands(self, session: Session) -> bool:
        user = self._snapshot.users.get(session.key)
        return user is not None and session.epoch >= user.epoch and self._welcome(user)

    def _welcome(self, user: User) -> bool:
        return not user.disabled and (self._demo or not user.demo)

    def _proven(self, name: str, password: str, place: str) -> User | None:
        """In the thread: return the user whose name and password these are."""
        user, given = self._store.user(name), rules.taken(password)
        right = self._passwords.right(None if user is None else user.hash, given)
        if user is None or not right or not self._welcome(user):
            return None
        with suppress(StoreUnavailable):  # a full disk keeps nobody out
            if self._passwords.outdated(user.hash):
                self._store.rehashed(user, self._passwords.hash(given))
            if (user.key, place) not in self._snapshot.familiar:
                self._store.seen_at(user, place)
        return user

    def _changed(self, name: str, old: str, new: str) -> User | None:
        """In the thread: change the password of a user who knows the old one."""
        user = self._store.user(name)
        if user is None or not self._passwords.right(user.hash, rules.taken(old)):
            return None
        hashed = self._passwords.hash(new)
        try:
            return self._store.change(name, by=name, as_of=user.epoch, hash=hashed)
        except NoSuch:  # removed, or given another password meanwhile
            return None

    def _news(self) -> tuple[tuple[int, int], Snapshot] | None:
        """In the thread: return what is known now where it is another than before."""
        version = self._store.version()
        return None if version == self._version else (version, self._store.snapshot())

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
