"""Emergency, lock-out and hold-to-run over the real wires, with one of them broken, and over a kill -9."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.system.field import PATIENCE_S, Controller, Process, Promenade, wait_for

BOOM = "massena-boom"
MOVERS = ("albert-bollards", "gambetta-outer", "gambetta-inner", "ruhl-wedge", BOOM)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Promenade]:
    with Promenade(tmp_path) as promenade:
        promenade.restore()
        yield promenade


def release(controller: Controller, target: str) -> httpx.Response:
    """Release it as a supervisor does, with the token that the card names."""
    token = Path(controller.card["supervisor_token_file"]).read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    body = {"action": "release", "target": target, "by": "zoé"}
    return controller.http.post("/api/v1/commands", json=body, headers=headers)


Held = dict[str, tuple[str, bool, list[str]]]


def held(controller: Controller) -> Held:
    """What is held over each mover: its mode, whether an emergency is latched, who has locked it out."""
    shown = {name: controller.device(name) for name in MOVERS}
    return {
        name: (d["mode"], d["held"]["efo"] is not None, [t["owner"] for t in d["held"]["tags"]])
        for name, d in shown.items()
    }


def test_r06_a_lockdown_of_the_site_with_one_wire_gone_and_its_reset_after_a_kill_9(own: Promenade) -> None:
    controller, field = own.controller, own.field
    for name in ("albert-bollards", "gambetta-outer", "ruhl-wedge", BOOM):
        controller.moves("open", name)
    field.trouble("drop", "massena-relays")
    controller.shows(BOOM, "offline")

    assert controller.order("lockdown", "nice-promenade", id="fired", by="marie").status_code == 202
    fired = controller.ended("fired")
    assert (fired["life"], {r["device"] for r in fired["refusals"]}) == ("failed", {BOOM})
    assert fired["because"].startswith(f"{BOOM} failed: latched, but not moved: unreachable {BOOM}: ")
    assert "; " not in fired["because"], "another one could not be secured either"
    assert {name for name, secured in field.world()["secured"].items() if not secured} == {BOOM}

    locked = controller.order("lock-out", "ruhl-wedge", by="luc", reason="hose replaced")
    assert locked.json()["life"] == "confirmed"
    latched: Held = {name: ("efo", True, []) for name in MOVERS} | {"ruhl-wedge": ("maintenance", True, ["luc"])}
    offline = controller.device(BOOM)["mode"]
    assert held(controller) == latched | {BOOM: (offline, True, [])}

    controller.kill()
    field.clear()
    controller.start()
    own.restore()
    assert held(controller) == latched
    refused = controller.order("open", "albert-bollards")
    assert [r["rule"] for r in refused.json()["refusals"]] == ["R06"]
    as_operator = controller.order("release", "nice-promenade", by="marie")
    assert (as_operator.status_code, {r["rule"] for r in as_operator.json()["refusals"]}) == (409, {"R06"})

    assert release(controller, "nice-promenade").json()["life"] == "confirmed"
    free: Held = {name: ("remote", False, []) for name in MOVERS} | {"ruhl-wedge": ("maintenance", False, ["luc"])}
    assert held(controller) == free
    controller.order("lift", "ruhl-wedge", by="luc")
    controller.moves("open", "ruhl-wedge")


def test_r24_whoever_holds_the_button_of_a_controller_that_hangs_is_told(own: Promenade, tmp_path: Path) -> None:
    controller = own.controller
    controller.moves("secure", BOOM)
    words = ("open", BOOM, "--hold", "--id", "held", "--runtime", controller.runtime)
    holding = Process("controller.cli", *words, log=tmp_path / "hold.log")
    try:
        wait_for("the motion", lambda: holding.alive() and f"{BOOM} raising …" in holding.output)
        controller.process.child.send_signal(signal.SIGSTOP)
        code = holding.child.wait(PATIENCE_S)
    finally:
        controller.process.child.send_signal(signal.SIGCONT)
        holding.stop()
    assert (code, holding.output.splitlines()[-1]) == (
        5,
        "do NOT rely on that: use the emergency stop at the equipment",
    )
    assert controller.ended("held")["life"] in ("failed", "unknown")
