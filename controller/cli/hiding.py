"""`rempart shelve`, `unshelve`, `remove` and `return`: hiding one alarm for a while or out of service, and bringing it back."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import Any

from controller.cli import client, people, words
from controller.cli.exits import Exit

SHELVE, REMOVE = "shelve", "remove"
SHELVE_MAX_H = 8
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def declare(parser: ArgumentParser) -> None:
    """Add the arguments of one of them."""
    command = parser.get_default("command")
    hides = command in (SHELVE, REMOVE)
    parser.add_argument(
        "alarm", metavar="ALARM", help=f"its id, as `rempart alarms{'' if hides else ' --all'}` lists it"
    )
    if command == SHELVE:
        parser.add_argument(
            "--for", dest="for_s", metavar="TIME", type=_seconds, required=True, help="how long: 90s, 30m, 8h at most"
        )
    parser.add_argument("--reason", metavar="TEXT", required=hides, default="", help="why; it goes into the journal")
    people.declare(parser)
    parser.add_argument("--json", action="store_true", help="print the alarm as it is then")
    client.declare(parser)


def run(given: Namespace) -> Exit:
    """Do it, and say how the alarm stands then."""
    body: dict[str, Any] = {"reason": given.reason, **people.named(given)}
    if given.command == SHELVE:
        body["for_s"] = given.for_s
    with client.Client(client.find(given)) as controller:
        alarm = controller.act_on_alarm(given.alarm, given.command, body)
    print(json.dumps(alarm, indent=2, ensure_ascii=False) if given.json else f"{alarm['id']}: {words.standing(alarm)}")
    return Exit.DONE


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d{1,6})([smh])", text, re.ASCII)
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not 0 < seconds <= SHELVE_MAX_H * 3600:
        raise ArgumentTypeError(f"{text}: expected a number with s, m or h, above 0 and at most {SHELVE_MAX_H}h: 30m")
    return seconds
