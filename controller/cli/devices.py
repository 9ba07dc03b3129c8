"""`rempart devices`: what every device shows at this moment."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from controller.cli import client, words
from controller.cli.exits import Exit


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--json", action="store_true", help="print the list of devices as the API gives it")
    client.declare(parser)


def run(given: Namespace) -> Exit:
    """Ask once and print."""
    with client.Client(client.find(given)) as controller:
        devices = controller.get("devices")
        if given.json:
            print(json.dumps(devices, indent=2, ensure_ascii=False))
            return Exit.DONE
        site = controller.get("site")
    from rich.console import Console

    from controller.cli import screen

    console = Console(highlight=False)
    console.print(screen.headline(site), screen.listing(devices, console.width))
    if risks := words.risks(devices):
        console.print(risks, style=screen.OLD)
    return Exit.DONE
