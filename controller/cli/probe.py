"""`rempart probe`: what is at the other end of this wire? For who stands before a box and does not know what is in it."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from controller.cli import discover
from controller.cli.exits import Exit, Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from controller.claims import WireClaimed
    from controller.cli.probed import Judged
    from controller.probing import AnyUnitProfile, Findings, Tell

LONGEST_S = 3600.0
LISTEN_S = 5.0
MOST = 100_000

URLS = "modbus+tcp://HOST:PORT?unit=1-10, modbus+rtu:///dev/PORT?baudrate=19200&parity=E, opc.tcp://HOST:PORT, \
mqtt://HOST:PORT or serial:///dev/PORT?baudrate=1200"


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("url", metavar="URL", help=URLS)
    parser.add_argument(
        "--for", dest="listen_s", metavar="S", type=seconds, default=LISTEN_S,
        help=f"mqtt, serial: listen for so many seconds ({LISTEN_S:g})",
    )  # fmt: skip
    parser.add_argument(
        "--try", dest="try_lines", action="store_true", help="serial ports: try the usual line settings one by one"
    )
    parser.add_argument("--patience", metavar="S", type=seconds, help="how long to wait for one answer")
    parser.add_argument("--most", metavar="N", type=number, help="ask, or show, at most so much")
    parser.add_argument("--profiles", metavar="DIR", type=Path, help="a folder of further profiles, e.g. a site's")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def seconds(text: str) -> float:
    """Take a duration."""
    with suppress(ValueError):
        if 0 < (value := float(text)) <= LONGEST_S:
            return value
    raise ArgumentTypeError(f"{text}: expected seconds, above 0 and at most {LONGEST_S:g}")


def number(text: str) -> int:
    """Take a count."""
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST:
        return int(text)
    raise ArgumentTypeError(f"{text}: expected a number from 1 to {MOST}")


def run(given: Namespace) -> Exit:
    """Look, and tell what there is."""
    from controller.claims import WireClaimed, claimed
    from controller.probing import MOST as MOST_ASKED
    from controller.probing import PATIENCE_S, Bounds, Findings, InUse, Unanswered, known_profiles, probe, take_apart

    try:
        target = take_apart(given.url)
    except ValueError as error:
        raise Failure(Exit.USAGE, str(error)) from None
    if given.profiles is not None and not given.profiles.is_dir():
        raise Failure(Exit.USAGE, f"{given.profiles}: no such folder; --profiles takes a folder of profile files")
    profiles = known_profiles([given.profiles] if given.profiles is not None else [])
    scheme = target.url.scheme
    patience_s, most = given.patience or PATIENCE_S[scheme], given.most or MOST_ASKED[scheme]
    bounds = Bounds(patience_s, most, given.listen_s, given.try_lines)
    found, tell, interrupted = Findings(target.link), _progress(), False
    try:
        with claimed([target.link], every_name=True):
            asyncio.run(probe(target, profiles, bounds, found, tell))
    except WireClaimed as claim:
        raise Failure(Exit.REFUSED, _in_use(claim)) from None
    except InUse as error:
        raise Failure(Exit.REFUSED, str(error)) from None
    except Unanswered as error:
        if given.json:
            _print(found, [], given, interrupted=False)
        raise Failure(Exit.NO_CONTROLLER, str(error)) from None
    except KeyboardInterrupt:
        interrupted = True
        if sys.stderr.isatty():
            print(file=sys.stderr)  # the terminal has written ^C
    finally:
        tell("\r")
    return _told(found, scheme, profiles, given, interrupted=interrupted)


def _told(
    found: Findings, scheme: str, profiles: Sequence[AnyUnitProfile], given: Namespace, *, interrupted: bool
) -> Exit:
    from controller.probing import verdicts

    if found.intruder:
        raise Failure(
            Exit.REFUSED,
            f"{found.link}: somebody talks on this line already ({found.intruder}); nothing was sent, because two who "
            "ask on one bus talk into each other\nstop the other master, or listen with serial:// if it is a device "
            "that talks by itself",
        )
    judged = [(thing, verdicts(thing, profiles)) for thing in found.things]
    _print(found, judged, given, interrupted=interrupted)
    if interrupted:
        print("rempart: interrupted: this is what was found until then", file=sys.stderr)
        return Exit.INTERRUPTED
    if not found.things and not found.heard:
        hint = HINTS[scheme].format(listen=given.listen_s)
        raise Failure(Exit.NO_CONTROLLER, f"{found.link}: nobody answers: {hint}")
    return Exit.DONE


def _print(found: Findings, judged: Judged, given: Namespace, *, interrupted: bool) -> None:
    from controller.cli.probed import as_data, as_text

    if given.json:
        # What a stranger says may be anything: ASCII is what no terminal acts upon.
        print(json.dumps(as_data(found, judged, interrupted=interrupted), indent=2))
    else:
        print(as_text(found, judged))


HINTS = {
    "modbus+tcp": "something listens there, but no unit that was asked answers; try other ids (?unit=1-247)",
    "modbus+rtu": "try other line settings (--try) and other ids (?unit=1-247), look at A and B, and whether it is powered",
    "serial": "nothing was heard for {listen:g} s; try other line settings (--try), and whether it is powered",
    "mqtt": "the broker is silent",
    "opc.tcp": "the server is silent",
}


def _in_use(claim: WireClaimed) -> str:
    """Say who drives the wire, by the site's name where it is a controller that tells it."""
    for card in discover.running():
        if card.pid == claim.pid:
            who = f"the controller of {card.site} (process {card.pid})"
            return f"{claim.where}: {who} drives this wire, and a second master would talk into it: stop it first"
    return str(claim)


def _progress() -> Tell:
    """Say on stderr what is being done; what begins with a carriage return only where it can be written over."""
    terminal = sys.stderr.isatty()
    open_line = False

    def tell(text: str) -> None:
        nonlocal open_line
        passing = text.startswith("\r")
        if passing and not terminal:
            return
        begin = "\r\x1b[K" if open_line else ""
        open_line = passing
        print(f"{begin}{text.removeprefix(chr(13))}", end="" if passing else "\n", file=sys.stderr, flush=True)

    return tell
