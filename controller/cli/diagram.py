"""`rempart diagram`: the state machine of a kind of equipment, from the very table that runs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from controller.cli import client
from controller.cli.exits import Exit, Failure
from controller.core import alarms, passage_table
from controller.core.diagram import mermaid, page
from controller.core.kinds import BEHAVIOURS
from controller.core.table import Table

PAGE = "machines.md"
MACHINES: dict[str, Table] = {
    **{str(kind): behaviour.table for kind, behaviour in BEHAVIOURS.items()},
    alarms.TABLE.name: alarms.TABLE,
    passage_table.TABLE.name: passage_table.TABLE,
}
"""Every machine: of each kind of equipment, of an alarm, and of a point of a passage."""


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    kinds = ", ".join(MACHINES)
    parser.add_argument("what", metavar="DEVICE|KIND", nargs="?", default="", help=f"a device of the site, or {kinds}")
    parser.add_argument("--write", metavar="DIR", type=Path, help=f"write the page of all kinds, {PAGE}, into DIR")
    client.declare(parser)


def run(given: Namespace) -> Exit:
    """Print one diagram as Mermaid, or write the page of all of them."""
    if given.write is not None:
        return _write(given.write / PAGE)
    if not given.what:
        raise Failure(Exit.USAGE, f"of what? give a device, or one of {', '.join(MACHINES)}")
    print(mermaid(MACHINES[given.what if given.what in MACHINES else _kind_of(given)]))
    return Exit.DONE


def _kind_of(given: Namespace) -> str:
    try:
        with client.Client(client.find(given)) as controller:
            return str(controller.get(f"devices/{given.what}")["kind"])
    except Failure as failure:
        if failure.code is not Exit.NO_CONTROLLER:
            raise
        raise Failure(
            failure.code, f"{given.what!r} is none of {', '.join(MACHINES)};\nand for a device: {failure}"
        ) from failure


def _write(path: Path) -> Exit:
    try:
        path.write_text(page(MACHINES.values()), "utf-8")
    except OSError as error:
        raise Failure(Exit.FAILED, f"{path}: cannot be written: {error.strerror}") from error
    print(path)
    return Exit.DONE
