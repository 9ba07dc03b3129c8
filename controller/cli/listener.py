"""The events of an order or a passage, heard in a thread of their own: who gave it has hands free for a button and for Ctrl-C."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain

import httpx

from controller.cli import client
from controller.cli.exits import Exit, Failure
from controller.cli.follow import Followed
from controller.cli.sse import ServerEvent

GONE_S, AGAIN_S = 5.0, 0.2
"""A stream that breaks is opened again every AGAIN_S, until the controller has been gone for GONE_S."""

Stream = AbstractContextManager[Iterator[ServerEvent]]


class Listener:
    """Follows an order to its end over `events`, or over a stream opened late where it was given before one."""

    def __init__(
        self, controller: client.Client, follower: Followed, events: Iterator[ServerEvent] | None = None
    ) -> None:
        self._controller, self._follower = controller, follower
        self._stream: Stream = late(controller, follower) if events is None else nullcontext(events)
        self._over = threading.Event()
        self._error: BaseException | None = None
        # What still reads when its command ends must not keep it: nothing is left to be said then.
        threading.Thread(target=self._run, name="events", daemon=True).start()

    def over(self, within_s: float) -> bool:
        """Wait, and tell whether there is nothing more to hear. Raises what the following raised, Failure for one."""
        heard = self._over.wait(within_s)
        if self._error is not None:
            raise self._error
        return heard

    def _run(self) -> None:
        try:
            follow(self._controller, self._follower, self._stream)
        except BaseException as error:  # noqa: BLE001 (the thread's root: it is raised again where it is waited for)
            self._error = error
        self._over.set()


def follow(controller: client.Client, follower: Followed, stream: Stream) -> None:
    """Take events until what is followed has ended, over a new stream where one breaks. Raises Failure when none comes."""
    lost: float | None = None
    while not follower.ended:
        try:
            with stream as heard:
                for event in heard:
                    ended = follower.take(event)
                    lost = lost if event.kind == "hello" else None
                    if ended:
                        return
        except (Failure, httpx.TransportError) as error:
            if isinstance(error, Failure) and error.code is Exit.USAGE:
                raise _gone(follower, str(error)) from error
        lost = time.monotonic() if lost is None else lost
        if time.monotonic() - lost > GONE_S:
            raise _gone(follower, f"the controller has not answered for {GONE_S:.0f} s")
        time.sleep(AGAIN_S)
        stream = controller.events(follower.last_id) if follower.last_id else late(controller, follower)


@contextmanager
def late(controller: client.Client, follower: Followed) -> Iterator[Iterator[ServerEvent]]:
    """Open a stream for an order that was given before it, and ask what had happened by then. Raises Failure."""
    with controller.events() as events:
        hello = next(events, None)
        follower.catch_up()
        yield events if hello is None else chain([hello], events)


def _gone(follower: Followed, why: str) -> Failure:
    return Failure(
        Exit.NOT_DONE,
        f"{why}: the {follower.what} may go on, and the steel may still be moving;\n"
        "`rempart journal show` tells what became of it once the controller runs again",
    )
