"""An order and a passage that were given: what has become of them, and waiting for their end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulators.testing.answers import Refusals
from simulators.testing.errors import OrderNotDone, OrderRefused, SiteFailure
from simulators.testing.waiting import ORDER_S, until

if TYPE_CHECKING:
    from simulators.testing.site import Site


class Order:
    """An order that a controller has accepted. Accepted does not mean moved: `wait` for it."""

    def __init__(self, site: Site, told: Mapping[str, Any]) -> None:
        self._site, self._told = site, told
        self.id, self.action, self.target = (str(told[key]) for key in ("id", "action", "target"))

    @property
    def life(self) -> str:
        """Return how far it is: accepted, issued, moving, confirmed, failed, expired, superseded, unknown."""
        return str(self._now()["life"])

    @property
    def because(self) -> str:
        """Return why it ended as it did."""
        return str(self._now()["because"])

    @property
    def ended(self) -> bool:
        """Tell whether nothing further becomes of it."""
        return bool(self._now()["ended"])

    def wait(self, within_s: float = ORDER_S) -> str:
        """Wait for its end, whichever it is, and return the life. Raises NotSeen."""
        __tracebackhide__ = True
        until(lambda: self._now()["ended"], within_s, f"the end of {self}", lambda: self._site.told(self.target))
        return str(self._told["life"])

    def wait_confirmed(self, within_s: float = ORDER_S) -> Order:
        """Wait for its end, which must be that feedback confirms it. Raises OrderNotDone, NotSeen."""
        __tracebackhide__ = True
        life = self.wait(within_s)
        if life != "confirmed":
            why = self._told["because"]
            raise OrderNotDone(f"{self} ended as {life}: {why}\n{self._site.told(self.target)}", life)
        return self

    def _now(self) -> Mapping[str, Any]:
        if not self._told["ended"]:
            self._told = self._site.api.get("commands", self.id)
        return self._told

    def __str__(self) -> str:
        return f"{self.action} {self.target}"

    def __repr__(self) -> str:
        return f"<Order {self}: {self._told['life']}>"


class Passage:
    """A passage that has begun: the way opens for one vehicle and is secured behind it."""

    def __init__(self, site: Site, told: Mapping[str, Any]) -> None:
        self._site, self._told = site, told
        self.id, self.target = str(told["id"]), str(told["target"])

    @property
    def stage(self) -> str:
        """Return how far it is: opening, open, occupied, cleared, securing, done, … (docs/reference/api.md)."""
        return str(self._now()["stage"])

    def wait_for(self, stage: str, within_s: float = ORDER_S) -> Passage:
        """Wait until it is at a stage. Raises NotSeen, OrderNotDone when it ends at another."""
        __tracebackhide__ = True

        def look() -> bool:
            now = self._now()
            return bool(now["ended"]) or now["stage"] == stage

        until(look, within_s, f"{self} {stage}", lambda: f"it is {self._told['stage']}\n{self._site.told(self.target)}")
        if self._told["stage"] != stage:
            ended = str(self._told["stage"])
            text = f"{self} ended as {ended}, not {stage}: {self._told['because']}\n{self._site.told(self.target)}"
            raise OrderNotDone(text, ended)
        return self

    def end(self) -> None:
        """Cancel it: the way stays as it is."""
        self._told = self._site.api.post("passages", self.id, "end", body={"by": "pytest"})

    def _now(self) -> Mapping[str, Any]:
        if not self._told["ended"]:
            self._told = self._site.api.get("passages", self.id)
        return self._told

    def __str__(self) -> str:
        return f"passage at {self.target}"

    def __repr__(self) -> str:
        return f"<Passage {self.target}: {self._told['stage']}>"


def accepted(what: str, told: Mapping[str, Any], site: Site) -> Mapping[str, Any]:
    """Return the answer to an order that was not refused. Raises OrderRefused."""
    __tracebackhide__ = True
    refusals = Refusals.of(told.get("refusals") or ())
    if "refused" in (told.get("life"), told.get("stage")):
        text = f"{what} was refused by {refusals}\n{site.told(str(told['target']))}"
        raise OrderRefused(text, refusals)
    return told


def refused(what: str, told: Mapping[str, Any]) -> Refusals:
    """Return why an order was refused, which it must be. Raises SiteFailure."""
    __tracebackhide__ = True
    if told.get("life") != "refused":
        raise SiteFailure(f"{what} was accepted ({told.get('life')}), and should have been refused")
    return Refusals.of(told["refusals"])
