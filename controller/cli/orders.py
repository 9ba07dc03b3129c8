"""`rempart raise|lower|stop|secure|open`: gives an order and follows it to its end.

The event stream is opened before the order is given, so that nothing of its life is missed. What is printed as the end is
what the equipment's feedback shows, never what was ordered.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain
from typing import Any

import httpx

from controller.cli import client
from controller.cli.exits import Exit, Failure
from controller.cli.follow import Followed, Follower
from controller.cli.sse import ServerEvent
from controller.ids import uuid7

DEVICE_ONLY = ("raise", "lower")
LONGEST_S = 60.0
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
STOP_S = 2.0
"""How long a stop may go unanswered before the person is sent to the emergency stop."""
GONE_S, AGAIN_S = 5.0, 0.2
"""A stream that breaks is opened again every AGAIN_S, until the controller has been gone for GONE_S."""


def declare(parser: ArgumentParser) -> None:
    """Add the arguments of an order."""
    action = parser.get_default("command")
    target = "DEVICE" if action in DEVICE_ONLY else "TARGET"
    parser.add_argument("target", metavar=target, help="device" if target == "DEVICE" else "device, zone, or the site")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why; it is written into the journal")
    parser.add_argument("--expires", metavar="S", type=_expiry, help="give up after S seconds (5)")
    parser.add_argument("--id", metavar="ID", type=order_id, help="the order's id; the same id never moves steel twice")
    parser.add_argument("--seen", metavar="N", type=int, help="refuse if the device has changed since its version N")
    parser.add_argument("--no-wait", action="store_true", help="return when the order is accepted")
    parser.add_argument("--json", action="store_true", help="print the order as JSON at the end")
    client.declare(parser)


def order_id(text: str) -> str:
    """Read an id from the command line. Raises ArgumentTypeError."""
    if not ID.fullmatch(text):
        raise ArgumentTypeError(f"expected 1 to 64 letters, digits, '.', '_' or '-', found {text!r}")
    return text


def _expiry(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_S:
        raise ArgumentTypeError(f"expected seconds above 0, at most {LONGEST_S:.0f}, found {text}")
    return seconds


def run(given: Namespace) -> Exit:
    """Give the order and see it through."""
    order: dict[str, Any] = {
        "id": given.id or uuid7(time.time_ns() // 1_000_000),
        "target": given.target,
        "action": given.command,
        "reason": given.reason,
    }
    order |= {"expires_in_s": given.expires} if given.expires is not None else {}
    order |= {"seen": given.seen} if given.seen is not None else {}
    with client.Client(client.find(given)) as controller:
        if given.command == "stop":
            return _seen_through(controller, order, given, None)
        with controller.events() as events:
            hello = next(events, None)
            if hello is None:
                raise Failure(Exit.NO_CONTROLLER, "the controller is stopping: nothing was ordered")
            return _seen_through(controller, order, given, chain([hello], events))


def _seen_through(
    controller: client.Client, order: dict[str, Any], given: Namespace, events: Iterator[ServerEvent] | None
) -> Exit:
    """Give it and follow it over `events`; a stop is given first, and its stream opened after."""
    try:
        command = _given(controller, order)
        follower = Follower(command, controller.get, quiet=given.json)
        if not given.no_wait:
            follow(controller, follower, _late(controller, follower) if events is None else nullcontext(events))
        return _reported(follower, given)
    except KeyboardInterrupt:
        undo = "" if given.command == "stop" else f": `rempart stop {order['target']}` stops it"
        print(f"\nrempart: no longer waiting; the order {order['id']} goes on{undo}", file=sys.stderr)
        return Exit.INTERRUPTED


def _given(controller: client.Client, order: dict[str, Any]) -> dict[str, Any]:
    """Give the order and return its command. Raises Failure."""
    try:
        return dict(controller.give(order, STOP_S if order["action"] == "stop" else None))
    except TimeoutError:
        raise Failure(
            Exit.NO_CONTROLLER,
            f"do NOT rely on this stop: no answer from the controller within {STOP_S:.0f} s; "
            "use the emergency stop at the equipment",
        ) from None
    except Failure as failure:
        raise _named(controller, order, failure) from failure


def _reported(follower: Follower, given: Namespace) -> Exit:
    code = follower.report()
    if given.json:
        print(json.dumps(follower.told(), indent=2, ensure_ascii=False))
    return code


def _named(controller: client.Client, order: dict[str, Any], failure: Failure) -> Failure:
    """Say which names there are, where the order's target is none of them or none for this action."""
    if failure.code is not Exit.USAGE:
        return failure
    target, site = order["target"], controller.get("site")
    zones = {zone["id"]: zone["devices"] for zone in site["zones"]}
    zones[site["name"]] = [device for devices in zones.values() for device in devices]
    if target in zones and order["action"] in DEVICE_ONLY:
        movers = [device["id"] for device in controller.get("devices") if device["secures_by"] is not None]
        return _of_zone(
            target, order["action"], [name for name in zones[target] if name in movers], target == site["name"]
        )
    known = [site["name"]]
    for zone in site["zones"]:
        known += [zone["id"], *zone["devices"]]
    if target in known:
        return failure
    near = difflib.get_close_matches(target, known, n=3, cutoff=0.75)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
    return Failure(Exit.USAGE, f"no device or zone {target!r}: {hint}")


def _of_zone(target: str, action: str, movers: list[str], whole: bool) -> Failure:
    what = "the site" if whole else "a zone"
    devices = f"{action} one of its devices: {', '.join(movers)}" if movers else "none of its devices can be moved"
    return Failure(
        Exit.USAGE,
        f"{target} is {what}: `rempart secure {target}` blocks the way, `rempart open {target}` lets pass;\n{devices}",
    )


@contextmanager
def _late(controller: client.Client, follower: Followed) -> Iterator[Iterator[ServerEvent]]:
    """Open a stream for an order that was given before it, and ask what had happened by then. Raises Failure."""
    with controller.events() as events:
        hello = next(events, None)
        follower.catch_up()
        yield events if hello is None else chain([hello], events)


def follow(
    controller: client.Client, follower: Followed, stream: AbstractContextManager[Iterator[ServerEvent]]
) -> None:
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
        stream = controller.events(follower.last_id) if follower.last_id else _late(controller, follower)


def _gone(follower: Followed, why: str) -> Failure:
    return Failure(
        Exit.NOT_DONE,
        f"{why}: the {follower.what} may go on, and the steel may still be moving;\n"
        "`rempart journal show` tells what became of it once the controller runs again",
    )
