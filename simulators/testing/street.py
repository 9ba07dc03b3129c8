"""What happens on the street in front of a site, done to the simulated field over its control socket.

On a bench with real equipment each of these skips the test where what it touches is not simulated.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from simulators.testing.errors import Mistake, SiteFailure
from simulators.testing.stage import Stage
from simulators.testing.wires import Wires
from simulators.testing.world import World

ANSWER_S = 30.0


class Trouble:
    """A trouble that lasts until `clear`, or to the end of a `with` block."""

    def __init__(self, street: Street, trouble: str) -> None:
        self._street, self.id = street, trouble

    def clear(self) -> None:
        """End it. Raises Mistake where it is over already."""
        self._street.clear(self.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._street.clear_if_lasting(self.id)


class Street:
    """Vehicles, people, and everything that can break."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._wires = Wires.of(stage.site)
        self._happened = 0

    def occupy(self, loop: str) -> str:
        """Park a vehicle on a loop and return its name. Raises Mistake."""
        return str(self._do("occupy", loop, loop=loop)["vehicle"])

    def vacate(self, loop: str | None = None) -> None:
        """Take away the vehicle that is parked on a loop, or on every loop."""
        self._do("vacate", loop, **({} if loop is None else {"loop": loop}))

    def drive(
        self, lane: str, *, kmh: float | None = None, length_m: float | None = None, name: str | None = None
    ) -> str:
        """Send a vehicle down a lane, by itself at the lane's limit and 4.5 m long, and return its name. Raises Mistake."""
        given = {"kmh": kmh, "length_m": length_m, "name": name}
        return str(self._do("drive", lane, lane=lane, **_said(given))["vehicle"])

    def trouble(self, kind: str, target: str, *, for_s: float | None = None, **options: Any) -> Trouble:
        """Break something until `clear`, the end of the test, or for `for_s` seconds. Raises Mistake.

        The kinds and their options: docs/reference/simulation-file.md.
        """
        given = {"for_s": for_s, **options}
        return Trouble(self, str(self._do("trouble", target, kind=kind, target=target, **_said(given))["id"]))

    def clear(self, which: str = "") -> None:
        """End one trouble, by its id, kind or target, or all. Raises Mistake where no such trouble lasts."""
        self._do("clear", None, which=which)

    def clear_if_lasting(self, trouble: str) -> None:
        """End a trouble that may have ended by itself."""
        if any(one["id"] == trouble for one in self._do("list", None)["troubles"]):
            self.clear(trouble)

    def move(self, device: str, to: float) -> None:
        """Move steel by hand, without any order: to 0 (lowered) … 1 (raised). Raises Mistake."""
        self._do("move", device, plant=device, to=to)

    def turn_key(self, device: str, *, local: bool) -> None:
        """Turn the key switch at the equipment. Raises Mistake."""
        self._do("local", device, plant=device, on=local)

    def contact(self, device: str, *, disturbed: bool) -> None:
        """Open a cabinet door, let the mains drop …, or put that right. Raises Mistake."""
        self._do("contact", device, plant=device, disturbed=disturbed)

    def people(self, device: str, count: int) -> None:
        """Put so many people on a square. Raises Mistake."""
        self._do("people", device, plant=device, count=count)

    def traffic(self, on: bool) -> None:
        """Let vehicles come by themselves, or not; off when a test begins."""
        self._do("traffic", None, on=on)

    @property
    def world(self) -> World:
        """Look where everything is, whatever the controller thinks."""
        seen = self._do("world", None)["world"]
        return World(seen, seen["violations"][self._happened :], self._must_be_seen)

    @property
    def has_field(self) -> bool:
        """Tell whether anything here is simulated."""
        return self._stage.control is not None

    def tidy(self) -> None:
        """Take back everything that was done on the street; steel stays where it is. Does nothing without simulators."""
        if self.has_field:
            self._do("restore", None)
            self._happened = len(self._do("world", None)["world"]["violations"])

    def _do(self, what: str, name: str | None, **more: Any) -> dict[str, Any]:
        __tracebackhide__ = True
        control = self._stage.control
        if control is None:
            pytest.skip(
                f"{_shown(what, name)}: {self._stage.bench} names no `control` socket: nothing here is simulated"
            )
        if name is not None:
            self._simulated(control, what, name)
        return self._ask(control, {"do": what, **more})

    def _simulated(self, control: Path, what: str, name: str) -> None:
        """Skip the test where what it would touch is real, in part or as a whole."""
        __tracebackhide__ = True
        if self._stage.given_bench is None:
            return
        served = self._ask(control, {"do": "list"})["links"]
        links = self._wires.along(name) if what == "drive" else self._wires.behind(name)
        real = sorted(link for link in links if not self._is_served(link, served))
        if real:
            pytest.skip(f"{_shown(what, name)}: not simulated under --bench={self._stage.bench}: {', '.join(real)}")

    def _must_be_seen(self, name: str) -> None:
        """Skip the test where the simulators show in the place of a thing only what never moved."""
        __tracebackhide__ = True
        if self._stage.control is not None:
            self._simulated(self._stage.control, "world", name)

    def _is_served(self, link: str, served: dict[str, str]) -> bool:
        """Tell whether the bench has put the simulators' own address in the place of a link; options follow a question mark."""
        wanted = self._stage.links.get(link, "").partition("?")[0]
        return link in served and wanted == served[link].partition("?")[0]

    def _ask(self, control: Path, request: dict[str, Any]) -> dict[str, Any]:
        __tracebackhide__ = True
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(ANSWER_S)
                line.connect(str(control))
                line.sendall(json.dumps(request).encode() + b"\n")
                with line.makefile("rb") as answers:
                    told: dict[str, Any] = json.loads(answers.readline())
        except (OSError, ValueError) as error:
            self._stage.must_run()
            raise SiteFailure(f"{control}: the simulators do not answer: {error}") from error
        if not told.get("ok"):
            raise Mistake(str(told.get("error", told)))
        return told


def _said(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value is not None}


def _shown(what: str, name: str | None) -> str:
    return what if name is None else f"{what} {name}"
