"""people.db: what may be changed about people, that each change is told once, and who may read the file."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.people.errors import LastAdministrator, NoSuch, StoreUnavailable, Taken, Unfit
from controller.people.roles import Role
from controller.people.sessions import digest
from controller.people.store import FAMILIAR_KEPT, Store

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store(tmp_path / "people.db", lambda: NOW)
    found.add("Ada", "administrator", "h1", by="terminal")
    found.add("olga", "operator", "h2", "fr", by="Ada")
    return found


def test_a_user_is_found_however_the_name_is_written(store: Store):
    user = store.user(" ADA ")
    assert user is not None
    assert user.shown() == {
        "name": "Ada",
        "role": "administrator",
        "language": "en",
        "demo": False,
        "disabled": False,
        "created": "2026-11-22T14:05:00.000Z",
    }
    with pytest.raises(Taken):
        store.add("aDA", "viewer", "h", by="x")


def test_no_hash_is_ever_shown(store: Store):
    assert "h1" not in str([user.shown() for user in store.snapshot().users.values()])


def test_the_file_is_its_owners_alone(store: Store, tmp_path: Path):
    path = tmp_path / "people.db"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(StoreUnavailable, match="mode 0640, others can read"):
        Store(path)


def test_a_file_of_something_else_is_left_alone(tmp_path: Path):
    path = tmp_path / "people.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE x (y)")
    other.close()
    path.chmod(0o600)
    with pytest.raises(StoreUnavailable, match="is no list of users"):
        Store(path)
    path.write_bytes(b"no database at all, and long enough to be looked at as one" * 9)
    with pytest.raises(StoreUnavailable, match="move it away"):
        Store(path)


def test_a_file_of_a_later_release_is_refused(store: Store, tmp_path: Path):
    store.close()
    with sqlite3.connect(tmp_path / "people.db") as later:
        later.execute("PRAGMA user_version = 2")
    later.close()
    with pytest.raises(StoreUnavailable, match="has form 2, expected 1"):
        Store(tmp_path / "people.db")


def test_a_folder_of_somebody_else_is_not_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(StoreUnavailable, match="run this as that user"):
        Store(tmp_path / "people.db")
    assert not (tmp_path / "people.db").exists()


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"disabled": True}])
def test_the_last_administrator_stays(store: Store, change: dict[str, Any]):
    with pytest.raises(LastAdministrator, match="make another administrator first"):
        store.change("ada", "Ada", **change)
    with pytest.raises(LastAdministrator):
        store.remove("ada", "Ada")
    store.add("eve", "administrator", "h", by="Ada")
    store.change("ada", "eve", **change)
    with pytest.raises(LastAdministrator):
        store.remove("eve", "eve")


def test_a_disabled_administrator_is_none(store: Store):
    store.add("eve", "administrator", "h", by="Ada")
    store.change("eve", "Ada", disabled=True)
    with pytest.raises(LastAdministrator):
        store.remove("Ada", "Ada")
    store.remove("eve", "Ada")


def test_what_ends_sessions_gives_another_epoch_and_a_language_does_not(store: Store):
    changes: list[dict[str, Any]] = [
        *({"language": "en"}, {"language": "nl"}, {"role": "viewer"}),
        *({"disabled": True}, {"disabled": False}, {"hash": "h3"}),
    ]
    epochs = [store.change("olga", "Ada", **change).epoch for change in changes]
    assert epochs[0] == epochs[1] < epochs[2] < epochs[3] < epochs[4] < epochs[5]
    store.remove("olga", "Ada")
    assert store.add("olga", "operator", "h", by="Ada").epoch > epochs[-1]


def test_each_change_is_told_once_in_order(store: Store):
    store.change("olga", "Ada", role="supervisor")
    store.change("olga", "Ada", role="supervisor")
    store.change("olga", "olga", hash="h3")
    store.remove("olga", "Ada")
    told = store.changes()
    assert [body["what"] for _, body in told] == [
        *("user-added", "user-added", "user-changed", "user-changed", "user-removed"),
    ]
    assert told[2][1] == {
        "what": "user-changed",
        "user": "olga",
        "role": "supervisor",
        "password": False,
        "by": "Ada",
        "at": "2026-11-22T14:05:00.000Z",
    }
    assert "h3" not in str(told)
    store.told(told[3][0])
    assert [body["what"] for _, body in store.changes()] == ["user-removed"]


def test_a_change_that_fails_leaves_nothing(store: Store):
    before = store.changes()
    with pytest.raises(NoSuch):
        store.change("nobody", "Ada", role="viewer")
    mistakes: list[dict[str, Any]] = [{"role": "root"}, {"language": "eo"}]
    for wrong in mistakes:
        with pytest.raises(Unfit):
            store.change("olga", "Ada", **wrong)
    assert store.changes() == before


def test_of_a_token_only_its_hash_is_kept(store: Store, tmp_path: Path):
    secret, token = store.add_token("traffic desk", "viewer", 90, by="Ada")
    assert token.expires == "2027-02-20T14:05:00.000Z"
    assert store.snapshot().tokens == {digest(secret): token}
    assert secret.encode() not in (tmp_path / "people.db").read_bytes()
    assert secret not in str(store.changes())
    with pytest.raises(Taken):
        store.add_token("Traffic  Desk", "viewer", 90, by="Ada")
    store.remove_token("traffic desk", "Ada")
    assert store.snapshot().tokens == {}
    with pytest.raises(NoSuch, match="there is no token"):
        store.remove_token(token.id, "Ada")


@pytest.mark.parametrize(
    ("role", "days"), [("administrator", 1), ("root", 1), ("viewer", 0), ("viewer", -1), ("viewer", 367)]
)
def test_no_program_is_an_administrator_or_has_a_token_for_ever(store: Store, role: str, days: float):
    with pytest.raises(Unfit):
        store.add_token("desk", role, days, by="Ada")


def test_the_addresses_of_a_user_are_bounded_and_forgotten_with_the_password(tmp_path: Path):
    now = [NOW]
    store = Store(tmp_path / "people.db", lambda: now[0])
    user = store.add("olga", "operator", "h", by="x")
    for n in range(FAMILIAR_KEPT + 3):
        now[0] += timedelta(seconds=1)
        store.seen_at(user, f"192.0.2.{n}")
    familiar = store.snapshot().familiar
    assert familiar == {("olga", f"192.0.2.{n}") for n in range(3, FAMILIAR_KEPT + 3)}
    store.change("olga", "olga", hash="other")
    assert store.snapshot().familiar == frozenset()


def test_only_the_first_is_made_without_an_administrator(tmp_path: Path):
    store = Store(tmp_path / "people.db")
    assert store.add_first("ada", "h").role is Role.ADMINISTRATOR
    with pytest.raises(Taken):
        store.add_first("eve", "h")


def test_another_connection_is_noticed(store: Store, tmp_path: Path):
    before = store.version()
    assert store.version() == before
    other = Store(tmp_path / "people.db")
    assert store.version() == before
    other.change("olga", "x", language="it")
    other.close()
    assert store.version() != before
