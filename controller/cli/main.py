"""From the words on the command line to a command, and from whatever it raises to a line on stderr and an exit code."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
import textwrap
import traceback
from collections.abc import Sequence
from typing import NoReturn

from controller.cli.commands import COMMANDS, PEOPLE
from controller.cli.exits import Exit, Failure
from controller.ports import RempartError

WIDTH = 80


class Parser(argparse.ArgumentParser):
    """Says what is wrong in two lines, without repeating the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Exit with the code for a wrong command line."""
        self.exit(Exit.USAGE, f"{self.prog}: {message}\nsee `{self.prog} --help`\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    words = [word for word in given if word != "--debug"]
    debug = len(words) < len(given)
    try:
        name, rest = _command(words)
        code = _run(name, rest)
        sys.stdout.flush()
    except SystemExit as end:  # argparse has said what there is to say
        return int(end.code or 0)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone (`rempart journal export | head`); Python would complain again on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    except RempartError as error:
        return _told(error)
    except Exception as error:  # noqa: BLE001 (the process's root: a mistake of ours is still an error of one line)
        if debug:
            traceback.print_exc()
        else:
            print(f"rempart: internal error: {error!r} (--debug shows where)", file=sys.stderr)
        return Exit.FAILED
    return code


def _told(error: RempartError) -> Exit:
    from controller.config.site import ConfigError

    if isinstance(error, ConfigError):
        print(error, file=sys.stderr)
        return Exit.USAGE
    print(f"rempart: {error}", file=sys.stderr)
    return error.code if isinstance(error, Failure) else Exit.FAILED


def _command(words: list[str]) -> tuple[str, list[str]]:
    """Split off the command, having answered --help and --version, which come before it."""
    first = words[0] if words else "--help"
    if first in ("-h", "--help", "help"):
        print(overview())
        raise SystemExit(Exit.DONE)
    if first == "--version":
        from importlib.metadata import version

        print(f"rempart {version('rempart')}")
        raise SystemExit(Exit.DONE)
    if first not in COMMANDS:
        near = difflib.get_close_matches(first, COMMANDS, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "see `rempart --help`"
        raise Failure(Exit.USAGE, f"there is no command {first!r}: {hint}")
    return first, words[1:]


def _run(name: str, words: list[str]) -> int:
    command = COMMANDS[name]
    module = command.load()
    parser = Parser(prog=f"rempart {name}", description=f"{command.summary[0].upper()}{command.summary[1:]}.")
    parser.set_defaults(command=name)
    module.declare(parser)
    parser.add_argument("--debug", action="store_true", help="show where an internal error comes from")
    return int(module.run(parser.parse_args(words)))


def overview() -> str:
    """Return what `rempart --help` shows, of at most 80 columns."""
    lines = ["usage: rempart COMMAND …", ""]
    lines += textwrap.wrap("Supervise the rising bollards, barriers and signals of a protected site.", WIDTH)
    for person, commands in PEOPLE.items():
        lines += ["", f"{person}:", *(f"  {name:<9} {command.summary}" for name, command in commands.items())]
    lines += ["", "`rempart COMMAND --help` tells more. `rempart --version` tells the release."]
    return "\n".join(lines)
