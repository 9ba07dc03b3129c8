"""`rempart raise|lower|stop|secure|open`: gives an order and follows it to its end.

The event stream is opened before the order is given, so that nothing of its life is missed. What is printed as the end is
what the equipment's feedback shows, never what was ordered.
"""

from __future__ import annotations

import difflib
import json
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any

import httpx

from controller.cli import client
from controller.cli.exits import Exit, Failure
from controller.cli.follow import Follower
from controller.cli.sse import ServerEvent
from controller.ids import uuid7

DEVICE_ONLY = ("raise", "lower")


def declare(parser: ArgumentParser) -> None:
    """Add the arguments of an order."""
    action = parser.get_default("command")
    target = "DEVICE" if action in DEVICE_ONLY else "TARGET"
    parser.add_argument("target", metavar=target, help="device" if target == "DEVICE" else "device, zone, or the site")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why; it is written into the journal")
    parser.add_argument("--expires", metavar="S", type=float, help="give up after S seconds (5)")
    parser.add_argument("--id", metavar="ID", default="", help="the order's id; the same id never moves steel twice")
    parser.add_argument("--seen", metavar="N", type=int, help="refuse if the device has changed since its version N")
    parser.add_argument("--no-wait", action="store_true", help="return when the order is accepted")
    parser.add_argument("--json", action="store_true", help="print the order as JSON at the end")
    client.declare(parser)


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
        try:
            return _given(controller, order, given)
        except KeyboardInterrupt:
            print(f"\nrempart: no longer waiting; the order {order['id']} goes on", file=sys.stderr)
            return Exit.INTERRUPTED


def _given(controller: client.Client, order: dict[str, Any], given: Namespace) -> Exit:
    with controller.events() as events:
        try:
            command = controller.give(order)
        except Failure as failure:
            raise _named(controller, order["target"], failure) from failure
        follower = Follower(command, controller.get, quiet=given.json)
        if not given.no_wait:
            _follow(follower, events)
    code = follower.report()
    if given.json:
        print(json.dumps(follower.told(), indent=2, ensure_ascii=False))
    return code


def _named(controller: client.Client, target: str, failure: Failure) -> Failure:
    """Say which names there are, where the order's target is none of them."""
    if failure.code is not Exit.USAGE:
        return failure
    site = controller.get("site")
    known = [site["name"]]
    for zone in site["zones"]:
        known += [zone["id"], *zone["devices"]]
    if target in known:
        return failure
    near = difflib.get_close_matches(target, known, n=3, cutoff=0.75)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
    return Failure(Exit.USAGE, f"no device or zone {target!r}: {hint}")


def _follow(follower: Follower, events: Iterator[ServerEvent]) -> None:
    """Take events until the order has ended. Raises Failure when the stream ends before."""
    try:
        while not follower.ended:
            follower.take(next(events))
    except (StopIteration, httpx.TransportError) as lost:
        order = follower.command["id"]
        raise Failure(
            Exit.NOT_DONE,
            f"the connection was lost and the outcome of the order {order} is not known here;\n"
            "`rempart journal show` tells what became of it",
        ) from lost
