"""`rempart pass|route`: lets a vehicle through, or opens a route, and follows that.

The event stream is opened before anything is asked for, so that nothing of it is missed.
"""

from __future__ import annotations

import difflib
import json
import sys
import time
from argparse import ArgumentParser, Namespace
from contextlib import nullcontext
from itertools import chain
from typing import Any

from controller.cli import client, people
from controller.cli.exits import Exit, Failure
from controller.cli.listener import follow
from controller.cli.orders import order_id
from controller.cli.passfollow import PassageFollower
from controller.ids import uuid7


def declare(parser: ArgumentParser) -> None:
    """Add the arguments of a passage or a route."""
    route = parser.get_default("command") == "route"
    parser.add_argument("target", metavar="ROUTE" if route else "DEVICE", help="route" if route else "mover")
    if not route:
        parser.add_argument(
            "--direction",
            choices=("in", "out"),
            default="",
            help="through both rows of an airlock: `in` opens DEVICE first and then its other row, `out` the other row first",
        )
    parser.add_argument("--vehicle", metavar="TEXT", default="", help="which vehicle; it is written into the journal")
    people.declare(parser)
    parser.add_argument("--reason", metavar="TEXT", default="", help="why; it is written into the journal")
    parser.add_argument("--id", metavar="ID", type=order_id, help="the passage's id; the same id never opens twice")
    parser.add_argument("--no-wait", action="store_true", help="return when it has begun")
    parser.add_argument("--json", action="store_true", help="print the passage as JSON at the end")
    client.declare(parser)


def run(given: Namespace) -> Exit:
    """Ask for the passage and see it through."""
    asked: dict[str, Any] = {
        "id": given.id or uuid7(time.time_ns() // 1_000_000),
        "target": given.target,
        "vehicle": given.vehicle,
        **people.named(given),
        "reason": given.reason,
    }
    route = given.command == "route"
    if not route and given.direction:
        asked["direction"] = given.direction
    with client.Client(client.find(given)) as controller:
        _meant(controller, given.target, route)
        with controller.events() as events:
            hello = next(events, None)
            if hello is None:
                raise Failure(Exit.NO_CONTROLLER, "the controller is stopping: nothing was ordered")
            try:
                passage = controller.let_through(asked)
                follower = PassageFollower(passage, controller.get, quiet=given.json, until_open=route)
                if not given.no_wait and not follower.ended:
                    follow(controller, follower, nullcontext(chain([hello], events)))
            except KeyboardInterrupt:
                print(
                    f"\nrempart: no longer waiting; the passage goes on: `rempart end {given.target}` ends it",
                    file=sys.stderr,
                )
                return Exit.INTERRUPTED
        return reported(follower, given)


def reported(follower: PassageFollower, given: Namespace) -> Exit:
    """Tell how it ended, as JSON where that was asked for."""
    code = follower.report()
    if given.json:
        print(json.dumps(follower.passage, indent=2, ensure_ascii=False))
    return code


def _meant(controller: client.Client, target: str, route: bool) -> None:
    """Check that the target is a route, or none, as the command says. Raises Failure that says which there are."""
    known = [one["id"] for one in controller.get("site")["routes"]]
    if not route:
        if target in known:
            raise Failure(Exit.USAGE, f"{target} is a route: `rempart route {target}` opens it")
        known = [device["id"] for device in controller.get("devices") if device["secures_by"] is not None]
        if any(device["id"] == target for device in controller.get("devices")):
            return
    if target not in known:
        what = "route" if route else "mover"
        near = difflib.get_close_matches(target, known, n=3, cutoff=0.75)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known) or 'none'}"
        raise Failure(Exit.USAGE, f"no {what} {target!r}: {hint}")
