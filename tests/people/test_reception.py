"""The reception without a server: who is let in, from when to when, and what the journal is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from controller.journal import SqliteJournal
from controller.people.credential import OPERATOR
from controller.people.demo import DEMO_USERS, add_demo_users
from controller.people.errors import (
    PeopleError,
    StoreUnavailable,
    Taken,
    Unfit,
    WrongCredentials,
)
from controller.people.passwords import Passwords
from controller.people.reception import CODE_S, Reception
from controller.people.store import Store
from tests.logged import logged

CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
PASSWORD = "three grey bollards"
HERE = "192.0.2.1"


class House:
    """A reception with clocks that stand still unless they are moved."""

    def __init__(self, store: Store, journal: SqliteJournal, **more: Any) -> None:
        self.at, self.date = 0.0, datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
        self.store, self.journal = store, journal
        self.reception = Reception(
            store, journal, now=lambda: self.at, utc=lambda: self.date, **{"passwords": CHEAP, **more}
        )

    async def told(self) -> list[dict[str, Any]]:
        """What the journal knows of people."""
        await self.reception.tell()
        return [dict(record.entry.body) for record in await self.journal.select(kind="people")]


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[SqliteJournal]:
    journal = await SqliteJournal.open(tmp_path / "journal.db", utcnow=lambda: datetime.now(UTC))
    yield journal
    await journal.close()


@pytest.fixture
async def house(tmp_path: Path, journal: SqliteJournal) -> AsyncIterator[House]:
    store = Store(tmp_path / "people.db")
    store.add("olga", "operator", CHEAP.hash(PASSWORD), by="terminal")
    house = House(store, journal)
    yield house
    house.reception.close()


class Interrupted(Passwords):
    """Something else happens while a password is looked at."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self._meanwhile = meanwhile

    def right(self, hashed: str | None, given: str) -> bool:
        right = super().right(hashed, given)
        self._meanwhile()
        return right


async def test_who_is_disabled_while_the_password_is_looked_at_is_not_let_in(tmp_path: Path, journal: SqliteJournal):
    store = Store(tmp_path / "people.db")
    store.add("olga", "operator", CHEAP.hash(PASSWORD), by="terminal")
    house = House(store, journal, passwords=Interrupted(lambda: store.change("olga", by="ada", disabled=True)))
    with pytest.raises(WrongCredentials):
        await house.reception.log_in("olga", PASSWORD, HERE)
    (known,) = house.reception._snapshot.users.values()
    assert known.disabled
    house.reception.close()


async def test_a_password_that_was_reset_meanwhile_is_not_changed_by_who_knew_the_old_one(
    tmp_path: Path, journal: SqliteJournal
):
    store, reset = Store(tmp_path / "people.db"), CHEAP.hash("a sentence of the administrator")
    store.add("olga", "operator", CHEAP.hash(PASSWORD), by="terminal")
    _, olga = await (house := House(store, journal)).reception.log_in("olga", PASSWORD, HERE)
    house.reception._passwords = Interrupted(lambda: store.change("olga", by="ada", hash=reset))
    with pytest.raises(WrongCredentials):
        await house.reception.change_password(olga, PASSWORD, "a sentence of the thief", HERE)
    kept = store.user("olga")
    assert kept is not None
    assert kept.hash == reset
    house.reception.close()


async def test_the_code_makes_one_administrator_once(tmp_path: Path, journal: SqliteJournal):
    house = House(Store(None), journal)
    code = house.reception.offer_code()
    with pytest.raises(Unfit):
        await house.reception.log_in_first(code, "ada", "short", HERE)
    with pytest.raises(WrongCredentials):
        await house.reception.log_in_first(code[:-1], "ada", PASSWORD, HERE)
    both = [house.reception.log_in_first(code, name, PASSWORD, HERE) for name in ("ada", "eve")]
    first, second = await asyncio.gather(*both, return_exceptions=True)
    assert isinstance(first, tuple)
    assert (first[1].principal, str(first[1].role)) == ("ada", "administrator")
    assert isinstance(second, WrongCredentials)
    assert not house.reception.code_offered
    assert house.reception.offer_code() == ""
    house.reception.close()


async def test_the_code_dies_after_a_day_and_with_the_first_user(journal: SqliteJournal):
    house = House(Store(None), journal)
    code = house.reception.offer_code()
    house.at = CODE_S
    with pytest.raises(WrongCredentials):
        await house.reception.log_in_first(code, "ada", PASSWORD, HERE)
    again = house.reception.offer_code()
    assert again != code
    house.store.add("eve", "administrator", "h", by="terminal")
    with pytest.raises(Taken):  # what another program has just done is noticed by the file at the latest
        await house.reception.log_in_first(again, "ada", PASSWORD, HERE)
    await house.reception.refresh()
    with pytest.raises(WrongCredentials):
        await house.reception.log_in_first(again, "ada", PASSWORD, HERE)
    house.reception.close()


async def test_the_token_of_a_program_is_good_until_its_end_or_its_removal(house: House):
    secret, token = await house.reception.ask(lambda store: store.add_token("desk", "viewer", 2, "ada"))
    found = house.reception.credential(secret)
    assert found is not None
    assert (found.principal, found.role, found.person, found.user) == ("token:desk", "viewer", False, "")
    house.date = datetime.fromisoformat(token.expires) - timedelta(milliseconds=1)
    assert house.reception.valid(found)
    house.date += timedelta(milliseconds=1)
    assert not house.reception.valid(found)
    assert house.reception.credential(secret) is None
    house.date -= timedelta(days=1)
    await house.reception.ask(lambda store: store.remove_token("desk", "ada"))
    assert house.reception.credential(secret) is None


async def test_a_local_credential_is_always_good_and_of_no_session(house: House):
    assert house.reception.valid(OPERATOR)
    assert house.reception.session(OPERATOR) is None
    assert house.reception.user(OPERATOR) is None


async def test_the_journal_is_told_who_came_and_what_was_changed(house: House):
    _, olga = await house.reception.log_in("OLGA", PASSWORD, HERE)
    house.reception.log_out(olga)
    house.reception.log_out(olga)
    with pytest.raises(WrongCredentials):
        await house.reception.log_in("my password by mistake", "x", HERE)
    told = await house.told()
    assert [body["what"] for body in told] == ["login", "logout", "login-failed", "user-added"]
    assert told[0] == {"what": "login", "user": "olga", "role": "operator", "address": HERE}
    assert (told[2]["count"], told[2]["users"], told[2]["addresses"]) == (1, [], [HERE])
    assert await house.told() == told


async def test_a_hash_of_older_parameters_is_made_anew_and_the_session_stays(house: House, journal: SqliteJournal):
    await house.reception.log_in("olga", PASSWORD, HERE)
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    later = House(Store(house.store.path), journal, passwords=stronger)
    token, _ = await later.reception.log_in("olga", PASSWORD, HERE)
    await later.reception.refresh()
    user = later.store.user("olga")
    assert user is not None
    assert not stronger.outdated(user.hash)
    assert later.reception.credential(token) is not None
    later.reception.close()


async def test_who_was_made_a_moment_ago_is_let_in_before_the_file_is_read_again(house: House):
    other = Store(house.store.path)
    other.add("eve", "viewer", CHEAP.hash(PASSWORD), by="terminal")
    other.close()
    token, _ = await house.reception.log_in("eve", PASSWORD, HERE)
    assert house.reception.credential(token) is not None


async def test_demo_users_get_in_only_where_all_is_simulated(journal: SqliteJournal, tmp_path: Path):
    path = tmp_path / "demo.db"
    with pytest.raises(PeopleError, match="only where every link is simulated"):
        add_demo_users(Store(path), simulated=False)
    store = Store(path)
    assert add_demo_users(store, simulated=True, passwords=CHEAP) == DEMO_USERS
    assert add_demo_users(store, simulated=True, passwords=CHEAP) == DEMO_USERS
    assert [user.demo for user in store.snapshot().users.values()] == [True] * 5
    demo = House(store, journal, demo=True)
    token, _ = await demo.reception.log_in("ada", "rempart-demo", HERE)
    assert demo.reception.credential(token) is not None
    demo.reception.close()
    real = House(Store(path), journal)
    with pytest.raises(WrongCredentials):
        await real.reception.log_in("ada", "rempart-demo", HERE)
    real.reception.close()


async def test_a_file_that_cannot_be_read_keeps_those_in_who_are_and_says_so_once(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    token, _ = await house.reception.log_in("olga", PASSWORD, HERE)

    def broken(*_: object) -> None:
        raise StoreUnavailable("the disk is gone")

    monkeypatch.setattr("controller.people.reception.WATCH_S", 0.0)
    monkeypatch.setattr(house.store, "version", broken)
    monkeypatch.setattr(house.store, "user", broken)
    looked = asyncio.Event()
    monkeypatch.setattr(house.reception, "_tell_failed", looked.set)
    heard = logged("controller.people.reception", monkeypatch)
    watching = asyncio.create_task(house.reception.watch())
    for _ in range(5):
        looked.clear()
        await looked.wait()
    assert house.reception.credential(token) is not None
    for _ in range(20):  # an attempt that cannot be looked at is none
        with pytest.raises(StoreUnavailable):
            await house.reception.log_in("olga", PASSWORD, "192.0.2.2")
    watching.cancel()
    assert [line["why"] for line in heard] == ["the disk is gone"]


async def test_where_it_is_shut_nobody_gets_in_and_no_code_is_offered(journal: SqliteJournal):
    house = House(Store(None), journal, shut="the file is damaged")
    assert house.reception.offer_code() == ""
    with pytest.raises(StoreUnavailable, match="the file is damaged"):
        await house.reception.log_in("olga", PASSWORD, HERE)
    with pytest.raises(StoreUnavailable, match="the file is damaged"):
        await house.reception.ask(lambda store: store.label())
    house.reception.close()
