"""`rempart passages`, `rempart end`: what is under way, and the end of it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from contextlib import nullcontext
from itertools import chain
from typing import Any

from controller.cli import client, people
from controller.cli.exits import Exit, Failure
from controller.cli.listener import follow
from controller.cli.passage import reported
from controller.cli.passfollow import PassageFollower


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    if parser.get_default("command") == "end":
        parser.add_argument("passage", metavar="PASSAGE", help="its id, or the device or route that it is for")
        people.declare(parser)
        parser.add_argument("--reason", metavar="TEXT", default="", help="why; it is written into the journal")
        parser.add_argument("--no-wait", action="store_true", help="do not wait until a route is secured")
    else:
        parser.add_argument("--all", action="store_true", help="those too that ended since the controller started")
    parser.add_argument("--json", action="store_true", help="print JSON")
    client.declare(parser)


def run(given: Namespace) -> Exit:
    """List the passages, or end one."""
    with client.Client(client.find(given)) as controller:
        if given.command == "end":
            return _end(controller, given)
        found = [one for one in controller.get("passages") if given.all or not one["ended"]]
    if given.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return Exit.DONE
    for one in found:
        print(line(one))
    if not found:
        print("no passage is under way")
    return Exit.DONE


def line(passage: dict[str, Any]) -> str:
    """Say a passage in one line, and each of several points on a line of its own."""
    who = "".join(f", {passage[key]}" for key in ("vehicle", "by", "reason") if passage[key])
    because = f": {passage['because']}" if passage["because"] else ""
    first = f"{passage['target']} {passage['stage']}{because} (since {passage['requested'][11:19]} UTC{who})"
    points = passage["points"]
    if len(points) < 2:
        return first
    return "\n".join(
        (first, *(f"  {p['device']} {p['stage']}{': ' if p['because'] else ''}{p['because']}" for p in points))
    )


def _end(controller: client.Client, given: Namespace) -> Exit:
    live = [one for one in controller.get("passages") if not one["ended"]]
    mine = [one for one in live if given.passage in (one["id"], one["target"])]
    if not mine:
        under_way = f"under way: {', '.join(one['target'] for one in live)}" if live else "none is under way"
        raise Failure(Exit.USAGE, f"no passage {given.passage!r} is under way: {under_way}")
    with controller.events() as events:
        hello = next(events, None)
        passage = controller.end(mine[0]["id"], {**people.named(given), "reason": given.reason})
        if passage["form"] != "route" or given.no_wait or hello is None:
            if given.json:
                print(json.dumps(passage, indent=2, ensure_ascii=False))
            else:
                print(line(passage))
            return Exit.DONE
        follower = PassageFollower(passage, controller.get, quiet=given.json)
        try:
            if not follower.ended:
                follow(controller, follower, nullcontext(chain([hello], events)))
        except KeyboardInterrupt:
            print("\nrempart: no longer waiting; the route goes on being secured", file=sys.stderr)
            return Exit.INTERRUPTED
    return reported(follower, given)
