"""`rempart raise|lower|stop|secure|open|lockdown|release|lock-out|lift|test|end-test`: gives an order and follows it to its end.

The event stream is opened before the order is given, so that nothing of its life is missed; stop and lockdown are given first.
What is printed as the end is what the equipment's feedback shows, never what was ordered.
"""

from __future__ import annotations

import json
import re
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from itertools import chain
from typing import Any

from controller.cli import client, people, words
from controller.cli.arguments import seconds
from controller.cli.exits import Exit, Failure
from controller.cli.follow import Follower
from controller.cli.hold import EVERY_S, Button
from controller.cli.listener import Listener
from controller.cli.sse import ServerEvent
from controller.cli.targets import DEVICE_ONLY, explained
from controller.ids import uuid7

AT_ONCE = ("stop", "lockdown")
"""Given before anything is asked."""
OF_THE_SITE = ("lockdown", "release")
"""For the whole site where no target is named."""
HOLDABLE = ("raise", "lower", "secure", "open")
SHORTEST_S, LONGEST_S = 0.5, 60.0
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
STOP_S = 2.0
"""How long a stop or a lockdown may go unanswered before the person is sent to the equipment."""
UNHEARD = {
    "stop": "use the emergency stop at the equipment",
    "lockdown": "use the emergency stop or the equipment's own key at the place",
}
UNSECURED = (
    "a way may still be OPEN: use the emergency stop or the equipment's own key at\n"
    "the place; once nothing is in the way any more, fire again:\n"
    "`rempart lockdown {}`"
)
ENDED_S = 2.0
"""How long the end of a motion whose button was let go is waited for."""
UNENDED = (
    "the button was let go, and the controller does not tell that the motion has ended;\n"
    "do NOT rely on that: use the emergency stop at the equipment"
)
WAITS_S = 2.0
"""How often it is asked what an order waits for; what takes less is the usual course of things."""


def declare(parser: ArgumentParser) -> None:
    """Add the arguments of an order."""
    action = parser.get_default("command")
    if action in OF_THE_SITE:
        parser.add_argument("target", metavar="TARGET", nargs="?", default="", help="device or zone (the whole site)")
    else:
        what = "device" if action in DEVICE_ONLY else "device, zone, or the site"
        parser.add_argument("target", metavar="DEVICE" if action in DEVICE_ONLY else "TARGET", help=what)
    needed = action == "lock-out"
    parser.add_argument(
        "--reason", metavar="TEXT", default="", required=needed, help="why; it is written into the journal"
    )
    people.declare(parser)
    if action in words.SWITCHES:
        parser.set_defaults(expires=None, seen=None)
    else:
        lives_s = 30 if action == "lockdown" else 5
        parser.add_argument(
            "--expires", metavar="S", type=seconds(LONGEST_S, SHORTEST_S), help=f"give up after S seconds ({lives_s})"
        )
        parser.add_argument(
            "--seen", metavar="N", type=int, help="refuse if the device has changed since its version N"
        )
    parser.add_argument("--id", metavar="ID", type=order_id, help="the order's id; the same id never moves steel twice")
    parser.set_defaults(hold=False)
    waits = parser.add_mutually_exclusive_group()
    waits.add_argument("--no-wait", action="store_true", help="return when the order is accepted")
    if action in HOLDABLE:
        waits.add_argument("--hold", action="store_true", help="move only while this command runs (hold-to-run)")
    parser.add_argument("--json", action="store_true", help="print the order as JSON at the end")
    client.declare(parser)


def order_id(text: str) -> str:
    """Read an id from the command line. Raises ArgumentTypeError."""
    if not ID.fullmatch(text):
        raise ArgumentTypeError(f"expected 1 to 64 letters, digits, '.', '_' or '-', found {text!r}")
    return text


def run(given: Namespace) -> Exit:
    """Give the order and see it through."""
    order: dict[str, Any] = {
        "id": given.id or uuid7(time.time_ns() // 1_000_000),
        "target": given.target,
        "action": given.command,
        "reason": given.reason,
        **people.named(given),
    }
    order |= {"expires_in_s": given.expires} if given.expires is not None else {}
    order |= {"seen": given.seen} if given.seen is not None else {}
    order |= {"hold": True} if given.hold else {}
    if given.command in AT_ONCE:
        return _at_once(order, given)
    with client.Client(client.find(given, supervisor=given.command == "release")) as controller:
        order["target"] = order["target"] or controller.site_name()
        with controller.events() as events:
            hello = next(events, None)
            if hello is None:
                raise Failure(Exit.NO_CONTROLLER, "the controller is stopping: nothing was ordered")
            if given.hold:
                return _held(controller, order, given, chain([hello], events))
            return _seen_through(controller, order, given, chain([hello], events))


def _at_once(order: dict[str, Any], given: Namespace) -> Exit:
    """Give it before anything is asked; who cannot is sent to the equipment. Raises Failure."""
    try:
        door = client.find(given)
    except Failure as failure:
        raise _unreached(order, failure) from failure
    with client.Client(door) as controller:
        return _seen_through(controller, order, given, None)


def _unreached(order: dict[str, Any], failure: Failure) -> Failure:
    """Say with an order that went nowhere what to do instead; a mistake in its words is only put right."""
    if order["action"] not in AT_ONCE or failure.code is Exit.USAGE:
        return failure
    return Failure(failure.code, f"{failure}\ndo NOT rely on this {order['action']}: {UNHEARD[order['action']]}")


def _seen_through(
    controller: client.Client, order: dict[str, Any], given: Namespace, events: Iterator[ServerEvent] | None
) -> Exit:
    """Give it and follow it over `events`; what is given at once opens its stream after."""
    try:
        follower = Follower(_given(controller, order), controller.get, quiet=given.json)
        if not given.no_wait and not follower.ended:
            listener = Listener(controller, follower, events)
            while not listener.over(WAITS_S):
                follower.look()
        return _reported(follower, given)
    except KeyboardInterrupt:
        print(f"\nrempart: no longer waiting; the order {order['id']} goes on{_undo(order)}", file=sys.stderr)
        return Exit.INTERRUPTED


def _held(controller: client.Client, order: dict[str, Any], given: Namespace, events: Iterator[ServerEvent]) -> Exit:
    """Give it and hold its button to its end, or until Ctrl-C. Raises Failure."""
    with Button(controller.door, order["id"]) as button:
        listener = None
        try:
            follower = Follower(_given(controller, order), controller.get, quiet=given.json)
            if follower.ended:
                return _reported(follower, given)
            button.begin()
            follower.say(f"{order['target']} moves only while this command runs: Ctrl-C lets go")
            listener = Listener(controller, follower, events)
            look_at = time.monotonic() + WAITS_S
            while not listener.over(EVERY_S):
                if button.press() and time.monotonic() >= look_at:
                    look_at = time.monotonic() + WAITS_S
                    follower.look()
            return _reported(follower, given)
        except KeyboardInterrupt:
            heard = button.let_go()
        if listener is None:
            print("\nrempart: the button was let go before the order was answered", file=sys.stderr)
        elif heard and listener.over(ENDED_S):
            _reported(follower, given)
        else:
            raise Failure(Exit.NOT_DONE, UNENDED)
        return Exit.INTERRUPTED


def _undo(order: dict[str, Any]) -> str:
    match order["action"]:
        case "lockdown":
            return f", and the emergency is latched: `rempart release {order['target']}`, by a supervisor, resets it"
        case action if action == "stop" or action in words.SWITCHES:
            return ""
    return f": `rempart stop {order['target']}` stops it"


def _given(controller: client.Client, order: dict[str, Any]) -> dict[str, Any]:
    """Give the order and return its command. Raises Failure."""
    action, within_s = order["action"], STOP_S if order["action"] in AT_ONCE else None
    try:
        order["target"] = order["target"] or controller.site_name(within_s)
        return dict(controller.give(order, within_s))
    except TimeoutError:
        raise Failure(
            Exit.NO_CONTROLLER,
            f"do NOT rely on this {action}: no answer from the controller within {STOP_S:.0f} s; {UNHEARD[action]}",
        ) from None
    except Failure as failure:
        raise _unreached(order, explained(controller, order, failure)) from failure


def _immovable(command: dict[str, Any]) -> bool:
    """Tell whether the order was for what no order moves: firing again does not help."""
    return any(one["rule"] == "kind" for one in command["refusals"])


def _reported(follower: Follower, given: Namespace) -> Exit:
    code, target = follower.report(), follower.command["target"]
    if given.command == "lockdown" and code is not Exit.DONE and not _immovable(follower.command):
        follower.complain(UNSECURED.format(target))
    if given.command == "lockdown" and code is not Exit.REFUSED:
        follower.say(f"the emergency is latched: nothing opens until a supervisor's `rempart release {target}`")
    if given.json:
        print(json.dumps(follower.told(), indent=2, ensure_ascii=False))
    return code
