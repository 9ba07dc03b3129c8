"""Who is behind what is asked for: the option `--by`, and your login name where it is not given."""

from __future__ import annotations

import getpass
import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from controller.core.people import written


def declare(parser: ArgumentParser) -> None:
    """Add the option."""
    parser.add_argument(
        "--by", metavar="NAME", type=_name, default=login() or None, help="the person behind it (your login name)"
    )


def named(given: Namespace) -> dict[str, str]:
    """Return what to send of it: nothing where nobody is known."""
    return {"by": given.by} if given.by else {}


def _name(text: str) -> str:
    if not (name := written(text)):
        raise ArgumentTypeError("empty: say who is behind it, or leave it out for your login name")
    return name


def login() -> str:
    """Return who is at the terminal, also behind sudo; nobody where that is not known."""
    try:
        return written(os.environ.get("SUDO_USER") or getpass.getuser())
    except (KeyError, OSError):
        return ""
