"""The yard is asked over a socket whatever openapi.json allows, and what it does not: no 5xx, no answer that is not in there.

schemathesis makes the questions up from the document that the controller serves, so a new route is asked as soon as it is there.
It runs as a program of its own and tries the same each time. `REMPART_API_EXAMPLES=500` looks further, by chance.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from controller.api import ApiServer
from controller.core.device import Alarm
from controller.ports import Mute
from tests.api.conftest import BEARER, LogIn
from tests.shell.scripted import Rig

SETTINGS = Path(__file__).with_name("schemathesis.toml")
FEW = 6
MORE = int(os.environ.get("REMPART_API_EXAMPLES", "0"))
pytestmark = pytest.mark.timeout(120 + 2 * MORE)
OUTAGES = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "502", "503"]
"""
LOGGED_IN = """
# No schema can tell who is logged in, whom alone `by` may name, nor whether a password is a good one.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "422", "429", "5xx"]
"""
NICE_TO_YARD = {
    "albert-bollards": "bollard",
    "albert-io": "io",
    "nice-promenade": "yard",
    "do0": "raised",
    "albert-bollards.travel-time": "detectors.no-answer",
}
"""What the examples of the document name, and what there is of that kind in the yard."""


def in_the_yard(node: Any) -> Any:
    """The document, with its examples about the yard."""
    match node:
        case dict():
            return {key: in_the_yard(value) for key, value in node.items()}
        case list():
            return [in_the_yard(item) for item in node]
        case str():
            return NICE_TO_YARD.get(node, node)
    return node


class Asked:
    """What a run of schemathesis came to: its exit code, what it printed, its report, and every answer that it got."""

    def __init__(self, code: int, printed: str, folder: Path) -> None:
        self.code, self.printed = code, printed
        self.report = json.loads((folder / "report.json").read_text("utf-8"))
        har = json.loads((folder / "answers.har").read_text("utf-8"))
        self.answers = Counter(_codes(har["log"]["entries"]))


def _codes(entries: list[dict[str, Any]]) -> Iterator[tuple[int, str]]:
    """Each answer's status and the code of its error, if it has one."""
    for entry in entries:
        content = entry["response"]["content"]
        said = json.loads(content["text"]) if "json" in content["mimeType"] and content.get("text") else {}
        yield entry["response"]["status"], said.get("error", {}).get("code", "") if isinstance(said, dict) else ""


async def ask(
    server: ApiServer,
    folder: Path,
    document: dict[str, Any],
    *options: str,
    settings: str = "",
    bearer: str = BEARER["Authorization"],
) -> Asked:
    (folder / "openapi.json").write_text(json.dumps(in_the_yard(document)), "utf-8")
    (folder / "settings.toml").write_text(SETTINGS.read_text("utf-8") + settings, "utf-8")
    reports = ("--report-json-path=report.json", "--report-har-path=answers.har")
    settled = [] if MORE else ["--generation-deterministic"]
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file=settings.toml", "run", "openapi.json"),
        *(f"--url={server.url}", f"--header=Authorization: {bearer}", "--no-color"),
        *("--checks=all", f"--max-examples={MORE or FEW}", "--continue-on-failure", *settled, *reports, *options),
        cwd=folder,
        env={**os.environ, "NO_PROXY": "*"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        printed, _ = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    # 0: nothing was found; 1: something was. Whatever else is no run, and leaves no report.
    assert child.returncode in (0, 1), printed.decode()
    return Asked(child.returncode, printed.decode(), folder)


@pytest.fixture
async def document(client: httpx.AsyncClient, rig: Rig) -> dict[str, Any]:
    """What is served; and in the yard steel obeys, and an alarm stands, whatever becomes of the devices."""
    rig.link.follow()
    rig.supervisor.alarms.set("detectors", [Alarm("no-answer", 2, "it does not answer")])
    found: dict[str, Any] = (await client.get("/openapi.json")).json()
    return found


async def test_no_5xx_and_no_undocumented_answer(server: ApiServer, document: dict[str, Any], tmp_path: Path):
    asked = await ask(server, tmp_path, document)
    assert asked.code == 0, asked.printed
    assert asked.report["operations"]["tested"] == sum(len(methods) for methods in document["paths"].values())
    assert {200, 202, 401, 404, 405, 409, 422} <= {status for status, _ in asked.answers}, asked.answers


async def test_nor_for_an_administrator(server: ApiServer, document: dict[str, Any], tmp_path: Path, log_in: LogIn):
    ada = await log_in("ada")
    await ada.patch("/api/v1/users/olga", json={"password": "three grey bollards"})
    kept = ("DELETE /api/v1/sessions/current",)  # it would be the last that she asks
    asked = await ask(
        server,
        tmp_path,
        document,
        *(f"--exclude-name={name}" for name in kept),
        settings=LOGGED_IN,
        bearer=ada.headers["Authorization"],
    )
    assert asked.code == 0, asked.printed
    assert {200, 201, 204, 401, 403, 404, 405, 409, 422} <= {status for status, _ in asked.answers}, asked.answers


async def test_while_it_starts_it_says_so_where_the_document_does(
    server: ApiServer, document: dict[str, Any], rig: Rig, tmp_path: Path
):
    rig.supervisor.started.clear()
    asked = await ask(server, tmp_path, document, "--phases=examples,coverage", settings=OUTAGES)
    assert asked.code == 0, asked.printed
    assert {code for status, code in asked.answers if status >= 500} == {"starting", "not-ready"}


async def test_without_its_journal_and_a_unit_it_says_so_where_the_document_does(
    server: ApiServer, document: dict[str, Any], rig: Rig, tmp_path: Path
):
    await rig.supervisor.journal.close()  # type: ignore[attr-defined]
    rig.link.fail("io", Mute)
    await rig.shows("bollard", "offline")
    asked = await ask(server, tmp_path, document, "--phases=examples,coverage", settings=OUTAGES)
    assert asked.code == 0, asked.printed
    assert {code for status, code in asked.answers if status >= 500} == {"journal-unavailable", "not-read"}
