"""The button of an order that is held (hold-to-run, R24): said to be pressed again and again, and let go on Ctrl-C.

The motion ends when the controller has not heard of the button for HOLD_S, whatever becomes of this process. So whatever goes
wrong here lets go: there is nothing to be done to stop the steel but to be silent. Saying that it was let go is only quicker.
"""

from __future__ import annotations

import time

import httpx

from controller.cli import client
from controller.cli.exits import Exit, Failure

EVERY_S = 0.3
STEP_S = 0.4
HOLD_S = 1.0
"""As the controller's own: two renewals may get lost."""

LOST = (
    f"no answer from the controller for {HOLD_S:.0f} s, which lets go of the button: one that works ends the motion by itself;\n"
    "do NOT rely on that: use the emergency stop at the equipment"
)


class Button:
    """The button of the order `order`, pressed from `begin` on; a context manager."""

    def __init__(self, door: client.Door, order: str) -> None:
        self._path = f"{client.API}/commands/{order}/hold"
        self._http = client.blocking(door, STEP_S)
        self._heard_at = time.monotonic()

    def __enter__(self) -> Button:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def begin(self) -> None:
        """Count from now on: the order was accepted just now."""
        self._heard_at = time.monotonic()

    def press(self) -> bool:
        """Say that it is still pressed; tell whether that was heard. Raises Failure once it has not been for HOLD_S."""
        said_at = time.monotonic()
        try:
            answer = self._http.post(self._path)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code in (httpx.codes.NO_CONTENT, httpx.codes.CONFLICT):
            # Of an order that has ended the events tell.
            self._heard_at = said_at
            return True
        if time.monotonic() > self._heard_at + HOLD_S:
            raise Failure(Exit.NOT_DONE, LOST)
        return False

    def let_go(self) -> bool:
        """Say that it was let go; tell whether that was heard."""
        try:
            return self._http.delete(self._path).status_code in (httpx.codes.NO_CONTENT, httpx.codes.CONFLICT)
        except httpx.TransportError:
            return False
