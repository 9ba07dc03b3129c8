"""`rempart alarms` and `rempart ack`: the alarms that stand, and saying that they were seen (ISA-18.2)."""

from __future__ import annotations

import difflib
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Any

from controller.cli import client, people, words
from controller.cli.exits import Exit, Failure

ALARMS = "alarms"


def declare(parser: ArgumentParser) -> None:
    """Add the arguments of the one or the other."""
    if parser.get_default("command") == ALARMS:
        parser.add_argument("--all", action="store_true", help="hidden ones too: shelved, suppressed, out of service")
        parser.add_argument(
            "--kpi", action="store_true", help="how many alarms come, and which are stale or chattering"
        )
        parser.add_argument("--json", action="store_true", help="print the list of alarms as the API gives it")
    else:
        parser.add_argument("alarms", metavar="ALARM", nargs="*", help="id of an alarm, as `rempart alarms` lists it")
        parser.add_argument("--all", action="store_true", help="every alarm that stands")
        people.declare(parser)
        parser.add_argument("--json", action="store_true", help="print the alarms as they are now")
    client.declare(parser)


def run(given: Namespace) -> Exit:
    """List what stands, or acknowledge it."""
    if given.command == ALARMS:
        return _listed(given)
    if bool(given.alarms) is given.all:
        raise Failure(Exit.USAGE, "rempart ack: which alarms? give their ids (`rempart alarms` lists them), or --all")
    with client.Client(client.find(given)) as controller:
        ids = _meant(controller.get(ALARMS)["alarms"], given)
        seen = [controller.act_on_alarm(name, "acknowledge", people.named(given)) for name in ids]
    if given.json:
        print(json.dumps(seen, indent=2, ensure_ascii=False))
    else:
        print("\n".join(map(_told, seen)) or "no alarm stands that nobody has seen")
    return Exit.DONE


def _listed(given: Namespace) -> Exit:
    with client.Client(client.find(given)) as controller:
        told = controller.get(f"{ALARMS}/kpi" if given.kpi else ALARMS)
        shown = told if given.kpi else told["alarms"] + (told["hidden"] if given.all else [])
        if given.json:
            print(json.dumps(shown, indent=2, ensure_ascii=False))
            return Exit.DONE
        site = controller.get("site")
    from rich.console import Console

    from controller.cli import screen

    console = Console(highlight=False)
    console.print(screen.headline(site))
    if given.kpi:
        console.print(screen.figures(told))
        return Exit.DONE
    if told["flood"]:
        console.print("ALARM FLOOD: more alarms come than a person can take in")
    console.print(screen.alarm_list(shown) if shown else "no alarm stands")
    for line in (words.hint(told["alarms"]), "" if given.all else words.hidden(told["hidden"])):
        if line:
            console.print(line, no_wrap=True, overflow="ellipsis")
    return Exit.DONE


def _meant(standing: Sequence[dict[str, Any]], given: Namespace) -> list[str]:
    """Return the ids to acknowledge. Raises Failure, before anything is acknowledged, for one that does not stand."""
    if given.all:
        return [alarm["id"] for alarm in standing if alarm["state"] != "acknowledged"]
    known = [alarm["id"] for alarm in standing]
    for name in given.alarms:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else "`rempart alarms` lists those that stand"
            raise Failure(Exit.USAGE, f"no alarm {name!r} stands, nothing was acknowledged: {hint}")
    return list(dict.fromkeys(given.alarms))


def _told(alarm: dict[str, Any]) -> str:
    over = alarm["state"] == "normal"
    return f"{alarm['id']}: seen, and over" if over else f"{alarm['id']}: seen; it stands until its cause is gone"
