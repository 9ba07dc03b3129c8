"""`rempart diagram`: the state machine of a kind of equipment, from the very table that runs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from controller.cli import client
from controller.cli.exits import Exit, Failure
from controller.core.diagram import mermaid, page
from controller.core.kinds import BEHAVIOURS
from controller.core.spec import Kind

PAGE = "machines.md"


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    kinds = ", ".join(Kind)
    parser.add_argument("what", metavar="DEVICE|KIND", nargs="?", default="", help=f"a device of the site, or {kinds}")
    parser.add_argument("--write", metavar="DIR", type=Path, help=f"write the page of all kinds, {PAGE}, into DIR")
    client.declare(parser)


def run(given: Namespace) -> Exit:
    """Print one diagram as Mermaid, or write the page of all of them."""
    if given.write is not None:
        return _write(given.write / PAGE)
    if not given.what:
        raise Failure(Exit.USAGE, f"of what? give a device, or one of {', '.join(Kind)}")
    kind = given.what if given.what in list(Kind) else _kind_of(given)
    print(mermaid(BEHAVIOURS[Kind(kind)].table))
    return Exit.DONE


def _kind_of(given: Namespace) -> str:
    try:
        with client.Client(client.find(given)) as controller:
            return str(controller.get(f"devices/{given.what}")["kind"])
    except Failure as failure:
        if failure.code is not Exit.NO_CONTROLLER:
            raise
        raise Failure(
            failure.code, f"{given.what!r} is none of {', '.join(Kind)};\nand for a device: {failure}"
        ) from failure


def _write(path: Path) -> Exit:
    try:
        path.write_text(page(behaviour.table for behaviour in BEHAVIOURS.values()), "utf-8")
    except OSError as error:
        raise Failure(Exit.FAILED, f"{path}: cannot be written: {error.strerror}") from error
    print(path)
    return Exit.DONE
