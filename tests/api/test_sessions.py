"""Logging in and out over HTTP, and what a session may and when it ends."""

from __future__ import annotations

import httpx
import pytest

from controller.api import ApiServer
from controller.core.device import Alarm
from controller.people.reception import Reception
from controller.people.roles import GRANTED, LOCAL, Role
from controller.people.store import Store
from tests.api.conftest import PASSWORD, Clock, LogIn, over_tcp
from tests.api.test_commands import COMMANDS, order
from tests.shell.scripted import Rig

SESSIONS, CURRENT = "/api/v1/sessions", "/api/v1/sessions/current"


async def test_a_person_logs_in_acts_and_logs_out(nobody: httpx.AsyncClient, log_in: LogIn, rig: Rig):
    answer = (await nobody.post(SESSIONS, json={"user": " OLGA ", "password": PASSWORD})).json()
    assert {name: answer[name] for name in ("user", "role", "language", "demo")} == {
        "user": "olga",
        "role": "operator",
        "language": "en",
        "demo": True,
    }
    assert answer["expires"].endswith("Z")
    olga = await log_in("olga")
    given = (await olga.post(COMMANDS, json=order("stop"))).json()
    assert (given["principal"], given["role"], given["by"]) == ("olga", "operator", "olga")
    (record, *_) = await rig.supervisor.journal.of_command(given["id"])
    assert (record.entry.body["principal"], record.entry.body["person"]) == ("olga", True)
    assert (await olga.delete(CURRENT)).status_code == 204
    assert (await olga.get(CURRENT)).status_code == 401


async def test_who_is_logged_in_is_told_with_what_that_person_may(log_in: LogIn):
    for user, role in {"vic": "viewer", "olga": "operator", "tom": "technician", "ada": "administrator"}.items():
        told = (await (await log_in(user)).get(CURRENT)).json()
        assert (told["user"], told["role"]) == (user, role)
        assert told["permissions"] == sorted(GRANTED[Role(role)])


async def test_a_local_token_is_nobody_and_may_what_it_could(client: httpx.AsyncClient):
    told = (await client.get(CURRENT)).json()
    assert (told["user"], told["role"], told["expires"]) == ("", "operator", None)
    assert told["permissions"] == sorted(LOCAL)
    for method, path in (("DELETE", CURRENT), ("PUT", f"{CURRENT}/language"), ("PUT", f"{CURRENT}/password")):
        answer = await client.request(method, path, json={"language": "fr"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no-session")


async def test_a_wrong_name_and_a_wrong_password_are_told_in_the_same_words(nobody: httpx.AsyncClient):
    answers = [
        await nobody.post(SESSIONS, json={"user": user, "password": "not-the-password"}) for user in ("olga", "nobody")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["error"]["code"] == "wrong-credentials"


async def test_nobody_acts_in_another_persons_name(log_in: LogIn):
    olga = await log_in("olga")
    answer = await olga.post(COMMANDS, json=order("stop", by="sam"))
    assert (answer.status_code, answer.json()["error"]["fields"][0]["field"]) == (422, "by")
    assert (await olga.post(COMMANDS, json=order("stop", by="Olga"))).json()["by"] == "olga"
    passage = await olga.post("/api/v1/passages", json={"target": "entry", "by": "sam"})
    assert passage.status_code == 422


async def test_a_person_has_a_language(log_in: LogIn):
    olga = await log_in("olga")
    assert (await olga.put(f"{CURRENT}/language", json={"language": "fr"})).json()["language"] == "fr"
    assert (await olga.get(CURRENT)).json()["language"] == "fr"
    assert (await olga.put(f"{CURRENT}/language", json={"language": "eo"})).status_code == 422


async def test_another_password_ends_the_other_sessions(log_in: LogIn, nobody: httpx.AsyncClient):
    olga, elsewhere = await log_in("olga"), await log_in("olga")
    new = "a sentence of hers"
    wrong = await olga.put(f"{CURRENT}/password", json={"old": "not-the-password", "new": new})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "wrong-password")
    assert (await olga.put(f"{CURRENT}/password", json={"old": PASSWORD, "new": "short"})).status_code == 422
    assert (await olga.put(f"{CURRENT}/password", json={"old": PASSWORD, "new": new})).status_code == 204
    assert (await olga.get(CURRENT)).status_code == 200
    assert (await elsewhere.get(CURRENT)).status_code == 401
    assert (await nobody.post(SESSIONS, json={"user": "olga", "password": PASSWORD})).status_code == 401
    await log_in("olga", new)


async def test_what_another_program_writes_into_the_file_is_noticed(log_in: LogIn, reception: Reception, store: Store):
    clients = {name: await log_in(name) for name in ("olga", "tom", "vic", "sam")}
    assert store.path is not None
    elsewhere = Store(store.path)
    elsewhere.change("olga", by="terminal", disabled=True)
    elsewhere.change("tom", by="terminal", role="viewer")
    elsewhere.remove("vic", by="terminal")
    elsewhere.change("sam", by="terminal", language="it")
    elsewhere.close()
    await reception.refresh()
    seen = {name: (await client.get(CURRENT)).status_code for name, client in clients.items()}
    assert seen == {"olga": 401, "tom": 401, "vic": 401, "sam": 200}


async def test_a_stream_ends_with_the_session_it_was_opened_in(server: ApiServer, log_in: LogIn, rig: Rig):
    olga = await log_in("olga")
    async with olga.stream("GET", "/api/v1/events") as answer:
        lines = answer.aiter_lines()
        assert (await anext(lines)).startswith("retry")
        await olga.delete(CURRENT)
        async with over_tcp(server) as client:
            await client.post(COMMANDS, json=order("stop"))
        assert [line async for line in lines][-1] == ""


async def test_a_session_ends_when_it_was_not_used_for_half_an_hour(log_in: LogIn, clock: Clock):
    olga, idle = await log_in("olga"), await log_in("olga")
    clock.goes_on(1799)
    assert (await olga.get(CURRENT)).status_code == 200
    clock.goes_on(1)
    assert (await idle.get(CURRENT)).status_code == 401
    assert (await olga.get(CURRENT)).status_code == 200


async def test_a_session_ends_after_twelve_hours_however_much_it_is_used(log_in: LogIn, clock: Clock):
    olga = await log_in("olga")
    for _ in range(24):
        assert (await olga.get(CURRENT)).status_code == 200
        clock.goes_on(1799.9)
    clock.goes_on(3)
    assert (await olga.get(CURRENT)).status_code == 401


async def test_of_too_many_sessions_the_one_that_was_silent_for_longest_ends(log_in: LogIn, clock: Clock):
    clients = []
    for _ in range(9):
        clients.append(await log_in("olga"))
        clock.goes_on(1)
    assert [(await client.get(CURRENT)).status_code for client in clients] == [401, *[200] * 8]


async def test_only_who_holds_the_button_keeps_the_steel_going(
    log_in: LogIn, rig: Rig, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("controller.core.motion.HOLD_S", 60.0)
    olga, tom = await log_in("olga"), await log_in("tom")
    given = (await olga.post(COMMANDS, json=order("lower", hold=True))).json()
    path = f"{COMMANDS}/{given['id']}/hold"
    under_way_or_ended = (204, 409)  # a second after the last press, however long that takes here
    assert (await olga.post(path)).status_code in under_way_or_ended
    other = await tom.post(path)
    assert (other.status_code, other.json()["error"]["code"]) == (403, "not-yours")
    assert (await tom.delete(path)).status_code in under_way_or_ended


async def test_what_an_alarm_says_of_who_acted_is_the_person(log_in: LogIn, rig: Rig):
    rig.supervisor.alarms.set("bollard", [Alarm("left-position", 1, "it moved")])
    path = "/api/v1/alarms/bollard.left-position/acknowledge"
    assert (await (await log_in("olga")).post(path)).json()["by"] == "olga"
    other = await (await log_in("olga")).post(path, json={"by": "sam"})
    assert other.status_code == 422
