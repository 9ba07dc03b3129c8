"""Between two tests: put the street in order, look whether the site is as it was at first, and start it anew where it is not.

Steel is never moved to tidy up: on simulators a fresh start is quicker and forgets everything, on a bench a person decides.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from simulators.testing.errors import SiteFailure, StartFailed
from simulators.testing.site import Site
from simulators.testing.stage import Stage
from simulators.testing.waiting import LOOK_S, ORDER_S, until

READY_S, CALM_S = 60.0, 8.0
STILL_S = 5.0
"""What has not come back of itself by then is not waited for; a wire that was silent for long is sought every few seconds."""
SURE_S = 0.3
"""What happened just before has been seen by then: a wire is polled every 0.1 s."""
PASSING = ("R09", "R29", "fresh-data")
"""These forbid motion for as long as a start lasts: until every reading is there, and loops have been clear for 1 s."""
UNSEEN = ("unacknowledged", "returned-unacknowledged")
Look = Mapping[str, Any]


class Resetter:
    """Gives each test a site in its first state, the sooner the less the one before has changed."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.site = Site(stage)
        self._first: Look = {}
        self._unused = False

    def start(self) -> None:
        """Start everything, and remember how it is then. Raises StartFailed."""
        self.site.close()
        self._stage.start()
        self._settle()
        self._unused = True

    def end(self) -> None:
        """End everything."""
        self.site.close()
        self._stage.stop()

    def fresh(self) -> Site:
        """Return the site, started anew. On a bench that is the controller alone. Raises StartFailed."""
        if not self._stage.runs():
            self.start()
        elif self._stage.given_bench is not None:
            self._restart_controller()
        elif not self._unused:
            self.start()
        return self._ready()

    def tidied(self) -> Site:
        """Return the site as it was at first. Raises StartFailed."""
        if not self._stage.runs():
            self.start()
        elif self._stage.given_bench is None:
            if not self._came_back():
                self.start()
        elif self._busy_or_held():
            self._restart_controller()
        return self._ready()

    def report(self) -> list[tuple[str, str]]:
        """Return what belongs to the report of a test that failed: how the site is, and what its processes have said."""
        try:
            shown = self.site.told()
        except StartFailed as error:
            shown = str(error)
        return [("rempart: the site", shown), *((f"rempart: {name}", text) for name, text in self._stage.logs())]

    def _ready(self) -> Site:
        self.site.tidy()
        self._stage.listen()
        self._unused = False
        return self.site

    def _settle(self) -> None:
        """Wait until every device is known, and until nothing is forbidden that only the start forbids."""
        try:
            self.site.tidy()
            until(self.site.api.ready, READY_S, "every device heard of", self.site.told)
        except SiteFailure as error:
            self._stage.must_run()
            raise StartFailed(f"the site did not come up: {error}") from error
        pause, deadline = threading.Event(), time.monotonic() + CALM_S
        while True:
            self._first = _look(self.site)
            if time.monotonic() > deadline or not any(rule in PASSING for *_, rule in self._first["locks"]):
                return
            pause.wait(LOOK_S)

    def _came_back(self) -> bool:
        """Tell whether the site is, or soon is, as it was at first, but for what people have seen of its alarms."""
        try:
            self.site.tidy()
            began = since = time.monotonic()
            pause = threading.Event()
            while time.monotonic() < since + SURE_S:
                last = _look(self.site)
                if last != self._first:
                    since = time.monotonic()
                    if self._hopeless(last) or since > began + STILL_S:
                        return False
                for alarm, state in last["alarms"] - self._first["alarms"]:
                    if state in UNSEEN:
                        self.site.acknowledge(alarm)
                pause.wait(LOOK_S)
        except (SiteFailure, ValueError):
            return False  # a controller that does not answer as it should is started anew
        return True

    def _hopeless(self, look: Look) -> bool:
        """Tell whether only an order would bring it back: steel elsewhere, a latch, a tag, an alarm that somebody hides."""
        elsewhere = any(self._first["states"].get(mover) != state for mover, state in look["steel"].items())
        return elsewhere or any(look[what] != self._first[what] for what in ("held", "hidden"))

    def _busy_or_held(self) -> bool:
        """On a bench: wait until nothing that an earlier test ordered is under way, and tell whether it left anything held."""
        self.site.tidy()
        until(lambda: not _look(self.site)["orders"], ORDER_S, "the end of what was ordered", self.site.told)
        return bool(_look(self.site)["held"] != self._first["held"])

    def _restart_controller(self) -> None:
        port = self._stage.card.port
        self.site.close()
        self._stage.end_controller()
        self._stage.start_controller(port, afresh=True)
        self._settle()


def _look(site: Site) -> Look:
    """Return what one test must not hand on to the next, in a form that compares."""
    devices = site.api.get("devices")
    alarms = site.api.get("alarms")
    passages = site.api.get("passages")
    movers = [one for one in devices if one["secures_by"]]
    steady = ("raised", "lowered", "stopped", "fault")
    return {
        "steel": {one["id"]: one["state"] for one in movers if one["state"] in steady},
        "true": site.world.seen["steel"] if site.has_field else None,
        "states": {one["id"]: one["state"] for one in devices},
        "modes": {one["id"]: one["mode"] for one in devices},
        "held": {one["id"]: repr(one["held"]) for one in devices},
        "locks": {(one["id"], lock["action"], lock["rule"]) for one in devices for lock in one["interlocks"]},
        "orders": {one["id"] for one in devices if one["order"]} | {one["id"] for one in passages if not one["ended"]},
        "alarms": {(one["id"], one["state"]) for one in alarms["alarms"]},
        "hidden": {(one["id"], one["state"]) for one in alarms["hidden"] if one["state"] != "suppressed"},
    }
