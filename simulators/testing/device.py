"""One device of a site as a test holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulators.testing.answers import Refusals
from simulators.testing.orders import Order
from simulators.testing.waiting import ORDER_S, STATE_S, until

if TYPE_CHECKING:
    from simulators.testing.site import Site


class Device:
    """What one device shows, each time it is asked, and the orders that it takes."""

    def __init__(self, site: Site, device: str) -> None:
        self._site, self.id = site, device

    @property
    def shown(self) -> Mapping[str, Any]:
        """Return all that the controller says of it now (the device of docs/reference/api.md)."""
        told: Mapping[str, Any] = self._site.api.get("devices", self.id)
        return told

    @property
    def state(self) -> str:
        """Return what its feedback shows: raised, raising, lowered, lowering, stopped, fault, offline, unknown, …."""
        return str(self.shown["state"])

    @property
    def mode(self) -> str:
        """Return who may move it: remote, local, maintenance, test, efo, unknown."""
        return str(self.shown["mode"])

    @property
    def why(self) -> str:
        """Return what led to its state."""
        return str(self.shown["why"])

    @property
    def secured(self) -> bool | None:
        """Tell whether it blocks the way; None where that is not known."""
        return None if self.shown["secured"] is None else bool(self.shown["secured"])

    def forbids(self, action: str) -> Refusals:
        """Return what forbids an action (`raise`, `lower`, …) at this instant, without an order; empty where nothing does."""
        return Refusals.of([lock for lock in self.shown["interlocks"] if lock["action"] == action])

    def raise_(self, within_s: float = ORDER_S, **more: Any) -> Order:
        """Raise it, and wait until feedback confirms that. Raises OrderRefused, OrderNotDone, NotSeen."""
        __tracebackhide__ = True
        return self.order("raise", **more).wait_confirmed(within_s)

    def lower(self, within_s: float = ORDER_S, **more: Any) -> Order:
        """Lower it, likewise."""
        __tracebackhide__ = True
        return self.order("lower", **more).wait_confirmed(within_s)

    def secure(self, within_s: float = ORDER_S, **more: Any) -> Order:
        """Let it block the way, likewise."""
        __tracebackhide__ = True
        return self.order("secure", **more).wait_confirmed(within_s)

    def open(self, within_s: float = ORDER_S, **more: Any) -> Order:
        """Let it open the way, likewise."""
        __tracebackhide__ = True
        return self.order("open", **more).wait_confirmed(within_s)

    def stop(self, within_s: float = ORDER_S, **more: Any) -> Order:
        """Stop it, likewise."""
        __tracebackhide__ = True
        return self.order("stop", **more).wait_confirmed(within_s)

    def order(self, action: str, **more: Any) -> Order:
        """Give an order and do not wait for its end. Raises OrderRefused."""
        __tracebackhide__ = True
        return self._site.order(action, self.id, **more)

    def refused(self, action: str, **more: Any) -> Refusals:
        """Give an order that must be refused, and return why it was. Raises SiteFailure if it is accepted."""
        __tracebackhide__ = True
        return self._site.refused(action, self.id, **more)

    def wait_for(self, *states: str, within_s: float = STATE_S) -> Device:
        """Wait until it shows one of these states. Raises NotSeen."""
        __tracebackhide__ = True
        self._site.wait_for(self.id, *states, within_s=within_s)
        return self

    def wait_until_allowed(self, action: str, within_s: float = STATE_S) -> Device:
        """Wait until nothing forbids an action: a loop must have been clear for 1 s, say. Raises NotSeen."""
        __tracebackhide__ = True
        what = f"{self.id}: nothing that forbids {action}"
        until(lambda: not self.forbids(action).all, within_s, what, lambda: self._site.told(self.id))
        return self

    def __repr__(self) -> str:
        return f"<Device {self.id}>"
