"""What is told in sentences can be told in another language: `words` beside every sentence, as far as it is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from controller.api.openapi import document
from controller.ports import Mute
from controller.translating import translated
from tests.shell.scripted import Rig, link_at_rest, running

COMMANDS = "/api/v1/commands"
Serve = Callable[..., Any]

FRENCH = {
    "loop occupied": "boucle occupée",
    "it is {state} now (version {version}); you acted on version {seen}": "elle est {state} (version {version}, non {seen})",
    "raised": "levée",
    "cannot be reached: {why}": "injoignable : {why}",
    "{error}: {detail}": "{error} : {detail}",
    "mute": "muet",
    "{alarm} says it already": "{alarm} le dit déjà",
    "{point} {stage}: {why}": "{point} {stage}: {why}",
    "cancelled": "annulé",
    "ended by {who}: {reason}": "terminé par {who} ({reason})",
}
SUPPRESSED = "it is suppressed by design: acknowledge the alarm that suppresses it"
FRENCH[SUPPRESSED] = "supprimée"


def french(message: str) -> str:
    return FRENCH.get(message, message)


async def test_r09_a_refusal_can_be_told_in_another_language(tmp_path: Path, serve: Serve):
    async with running(tmp_path, link=link_at_rest("lowered")) as rig:
        client = await serve(rig)
        rig.link.detect("entry")
        await rig.shows("entry", "occupied")
        await rig.shows("bollard", "lowered")
        told = (await client.post(COMMANDS, json={"target": "bollard", "action": "raise"})).json()
    (refusal,) = [one for one in told["refusals"] if one["device"] == "entry"]
    assert translated(refusal["words"]["because"], french) == "boucle occupée"
    assert told["words"] == told["history"][-1]["words"]


async def test_the_words_of_a_sentence_hold_what_is_in_it(client: httpx.AsyncClient, rig: Rig):
    body = {"target": "bollard", "action": "lower", "seen": 99}
    (refusal,) = (await client.post(COMMANDS, json=body)).json()["refusals"]
    version = rig.device("bollard").version
    assert refusal["because"] == f"it is raised now (version {version}); you acted on version 99"
    assert translated(refusal["words"]["because"], french) == f"elle est levée (version {version}, non 99)"


async def test_what_is_empty_has_no_words(client: httpx.AsyncClient):
    shown = (await client.get("/api/v1/devices/bollard")).json()
    assert (shown["why"], shown["waiting"], shown["words"]) == ("", "", {})


async def test_what_is_read_back_from_the_journal_is_a_sentence_only(client: httpx.AsyncClient, rig: Rig):
    body = {"target": "bollard", "action": "lower", "seen": 99, "id": "before"}
    told = (await client.post(COMMANDS, json=body)).json()
    # As after a restart: what memory holds is gone, the journal is written.
    rig.supervisor.telling.everything()
    await rig.supervisor.journal.append()
    rig.supervisor.ledger._ended.clear()
    again = (await client.get(f"{COMMANDS}/before")).json()
    assert again["because"] == told["because"] != ""
    assert (bool(told["words"]), again["words"], again["refusals"][0]["words"]) == (True, {}, {})


SENTENCES = ("because", "why", "waiting", "text", "condition")
OF_PEOPLE = ("Tag", "Checked")
"""Schemas whose sentences a person wrote, or whoever looks after the file of the journal reads."""


def test_whatever_shows_a_sentence_shows_its_words():
    schemas = document("0")["components"]["schemas"]
    without = [
        name
        for name, schema in schemas.items()
        if {*SENTENCES} & {*schema.get("properties", ())} and "words" not in schema["properties"]
    ]
    assert without == [*OF_PEOPLE]


async def test_an_alarm_and_why_it_is_hidden_can_be_told_in_another_language(client: httpx.AsyncClient, rig: Rig):
    rig.link.fail("detectors", Mute)
    for loop in ("entry", "exit"):
        await rig.shows(loop, "offline")
    told = (await client.get("/api/v1/alarms")).json()
    (mute,) = told["alarms"]
    assert mute["text"].startswith("cannot be reached: mute: ")
    assert translated(mute["words"]["text"], french).startswith("injoignable : muet : ")
    hidden = told["hidden"][0]
    assert translated(hidden["words"]["reason"], french) == "detectors.no-answer le dit déjà"
    shown = (await client.get("/api/v1/devices/entry")).json()
    assert translated(shown["words"]["why"], french).startswith("muet : ")
    refused = (await client.post(f"/api/v1/alarms/{hidden['id']}/acknowledge")).json()["error"]
    assert translated(refused["words"]["message"], french) == f"{hidden['id']}: {french(SUPPRESSED)}"


async def test_what_a_person_wrote_has_no_words(client: httpx.AsyncClient, rig: Rig):
    rig.link.fail("io", Mute)
    await rig.shows("bollard", "offline")
    alarm = "/api/v1/alarms/io.no-answer"
    hidden = (await client.post(f"{alarm}/shelve", json={"for_s": 60, "reason": "being replaced"})).json()
    assert (hidden["reason"], [*hidden["words"]]) == ("being replaced", ["text"])


async def test_every_change_of_a_device_is_told_with_its_words(client: httpx.AsyncClient, rig: Rig):
    before = rig.supervisor.stream.number
    rig.link.fail("io", Mute)
    await rig.shows("bollard", "offline")
    rig.supervisor.telling.everything()
    events = [event.data for event in rig.supervisor.stream._kept if event.number > before and event.kind == "device"]
    (offline,) = [data for data in events if (data["id"], data["state"]) == ("bollard", "offline")]
    assert translated(offline["words"]["why"], lambda message: message) == offline["why"] != ""


async def test_r12_a_passage_its_points_and_its_history_can_be_told_in_another_language(
    client: httpx.AsyncClient, rig: Rig
):
    rig.link.follow()
    await client.post("/api/v1/passages", json={"target": "bollard", "id": "p"})
    body = {"by": "night desk", "reason": "wrong gate"}
    told = (await client.post("/api/v1/passages/p/end", json=body)).json()
    sentence = "bollard cancelled: ended by night desk: wrong gate"
    assert told["because"] == sentence
    assert translated(told["words"]["because"], french) == "bollard annulé: terminé par night desk (wrong gate)"
    for part in (told["points"][0], told["history"][-2]):
        assert translated(part["words"]["because"], french) == "terminé par night desk (wrong gate)"


async def test_what_can_forbid_a_motion_can_be_told_in_another_language(client: httpx.AsyncClient):
    grounds = (await client.get("/api/v1/devices/bollard/spec")).json()["grounds"]
    for ground in (one for every in grounds.values() for one in every):
        assert translated(ground["words"]["condition"], lambda message: message) == ground["condition"]
