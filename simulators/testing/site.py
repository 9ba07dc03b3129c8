"""A site that runs, as a test holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulators.testing.answers import Alarm, Record, Refusals
from simulators.testing.api import Api
from simulators.testing.device import Device
from simulators.testing.errors import SiteFailure
from simulators.testing.orders import Order, Passage, accepted, refused
from simulators.testing.stage import Stage
from simulators.testing.street import Street
from simulators.testing.waiting import ORDER_S, STATE_S, until

RECORDS_TOLD = 6
NEWEST = 1000


class Site(Street):
    """One controller, its devices and the street around them. Ask it anew in every test: a reset may restart it."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._api: Api | None = None

    @property
    def api(self) -> Api:
        """Return the controller's API; for what has no helper here."""
        if self._api is None:
            self._api = Api(self._stage.card)
        return self._api

    @property
    def url(self) -> str:
        """Return where the API listens on TCP: for the program that you test."""
        return self._stage.card.url

    @property
    def token(self) -> str:
        """Return the operator's token."""
        return self._stage.card.token

    @property
    def supervisor_token(self) -> str:
        """Return the supervisor's token, which may release what an operator has locked down."""
        return self._stage.card.supervisor_token

    @property
    def state_folder(self) -> Path:
        """Return where the journal is, and stays after the test."""
        return self._stage.card.state

    @property
    def name(self) -> str:
        """Return what the site file calls the site."""
        return str(self.api.get("site")["name"])

    @property
    def devices(self) -> list[Device]:
        """Return every device."""
        return [Device(self, str(one["id"])) for one in self.api.get("devices")]

    def device(self, device: str) -> Device:
        """Return one device. Raises Mistake where the site has none of that name."""
        self.api.get("devices", device)
        return Device(self, device)

    def order(self, action: str, target: str, *, supervisor: bool = False, **more: Any) -> Order:
        """Give an order to a device, a zone or the site, and do not wait for its end. Raises OrderRefused, Mistake.

        `more` are further fields of a command: `reason`, `by`, `expires_in_s`, `seen`, `id` (docs/reference/api.md).
        """
        __tracebackhide__ = True
        told = self._post_order(action, target, supervisor, more)
        return Order(self, accepted(f"{action} {target}", told, self))

    def refused(self, action: str, target: str, *, supervisor: bool = False, **more: Any) -> Refusals:
        """Give an order that must be refused, and return why it was. Raises SiteFailure if it is accepted."""
        __tracebackhide__ = True
        return refused(f"{action} {target}", self._post_order(action, target, supervisor, more))

    def secure(self, target: str | None = None, within_s: float = ORDER_S, **more: Any) -> Order:
        """Secure a zone, or the site, and wait until feedback confirms that. Raises OrderRefused, OrderNotDone, NotSeen."""
        __tracebackhide__ = True
        return self.order("secure", target or self.name, **more).wait_confirmed(within_s)

    def open(self, target: str | None = None, within_s: float = ORDER_S, **more: Any) -> Order:
        """Open a zone, or the site, likewise."""
        __tracebackhide__ = True
        return self.order("open", target or self.name, **more).wait_confirmed(within_s)

    def stop(self, target: str | None = None, within_s: float = ORDER_S, **more: Any) -> Order:
        """Stop whatever moves, likewise."""
        __tracebackhide__ = True
        return self.order("stop", target or self.name, **more).wait_confirmed(within_s)

    def lockdown(self, target: str | None = None, within_s: float = ORDER_S, **more: Any) -> Order:
        """Fire the emergency of a device, a zone or the site as operator, and wait until all is secured, likewise."""
        __tracebackhide__ = True
        return self.order("lockdown", target or self.name, **more).wait_confirmed(within_s)

    def release(self, target: str | None = None, within_s: float = ORDER_S, **more: Any) -> Order:
        """Reset an emergency as supervisor, which moves nothing, likewise."""
        __tracebackhide__ = True
        return self.order("release", target or self.name, supervisor=True, **more).wait_confirmed(within_s)

    def let_through(self, target: str, **more: Any) -> Passage:
        """Let a vehicle through a mover or a route. Raises OrderRefused. `more`: `vehicle`, `direction`, `by`, `reason`, `id`."""
        __tracebackhide__ = True
        told = self.api.post("passages", body={"target": target, **more})
        return Passage(self, accepted(f"passage at {target}", told, self))

    def wait_for(self, device: str, *states: str, within_s: float = STATE_S) -> None:
        """Wait until a device shows one of these states. Raises NotSeen, which says what it shows in place of that."""
        __tracebackhide__ = True
        shown = self.device(device)
        what = f"{device} {' or '.join(states)}"
        until(lambda: shown.state in states, within_s, what, lambda: self.told(device))

    def wait_until(self, met: Callable[[], Any], what: str = "what was waited for", within_s: float = STATE_S) -> None:
        """Wait until `met()` gives something true. Raises NotSeen, which says how the site is."""
        __tracebackhide__ = True
        until(met, within_s, what, self.told)

    def wait_for_alarm(self, alarm: str, within_s: float = STATE_S) -> Alarm:
        """Wait until the condition of an alarm, DEVICE.NAME, stands, and return it. Raises NotSeen."""
        __tracebackhide__ = True

        def look() -> list[Alarm]:
            return [one for one in self.alarms() if one.id == alarm and one.active]

        return until(look, within_s, f"the alarm {alarm}", self.told)[0]

    def alarms(self) -> list[Alarm]:
        """Return the alarms that are annunciated, the most urgent first."""
        return [Alarm.of(one) for one in self.api.get("alarms")["alarms"]]

    def acknowledge(self, alarm: str) -> None:
        """Say that an alarm has been seen. Raises Mistake where it does not stand."""
        self.api.post("alarms", alarm, "acknowledge", body={"by": "pytest"})

    def journal(self, device: str | None = None, kind: str | None = None, limit: int = NEWEST) -> list[Record]:
        """Return the newest records, oldest first, of a device or a kind only where that is said."""
        query = {"device": device, "kind": kind, "limit": limit, "newest": "true"}
        given = {key: value for key, value in query.items() if value is not None}
        return [Record.of(one) for one in self.api.get("journal", **given)["records"]]

    def restart_controller(self, *, kill: bool = False) -> None:
        """End the controller (`kill`: as a power cut would) and start it again, on the same port and journal."""
        card = self._stage.card
        self.close()
        self._stage.end_controller(kill=kill)
        self._stage.start_controller(card.port)

    @contextmanager
    def without_controller(self) -> Iterator[None]:
        """Kill the controller, and start it again, on the same port and journal, when the block ends."""
        card = self._stage.card
        self.close()
        self._stage.end_controller(kill=True)
        try:
            yield
        finally:
            self._stage.start_controller(card.port)

    def told(self, name: str = "") -> str:
        """Return how the site is in a few lines, of one device where `name` is one: for a message to people."""
        try:
            return "\n".join(self._told(name))
        except SiteFailure as error:
            return str(error)

    def close(self) -> None:
        """Let go of the connection to the controller."""
        if self._api is not None:
            self._api.close()
        self._api = None

    def _post_order(self, action: str, target: str, supervisor: bool, more: dict[str, Any]) -> Any:
        body = {"action": action, "target": target, "reason": "pytest", **more}
        return self.api.post("commands", body=body, supervisor=supervisor)

    def _told(self, name: str) -> Iterator[str]:
        shown = {str(one["id"]): one for one in self.api.get("devices")}
        one = shown.get(name)
        for device in [one] if one is not None else shown.values():
            yield f"{device['id']} shows {device['state']} ({device['mode']}): {device['why']}"
        if one is not None:
            yield from (f"  forbidden: {lock['action']} by {_lock(lock)}" for lock in one["interlocks"])
        yield from (f"  alarm: {alarm}" for alarm in self.alarms())
        records = self.journal(name if one is not None else None, limit=RECORDS_TOLD)
        yield from (f"  journal: {record}" for record in records)


def _lock(lock: dict[str, Any]) -> str:
    return f"{lock['rule']}: {lock['device']}: {lock['because']}"
