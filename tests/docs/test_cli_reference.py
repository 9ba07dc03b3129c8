"""docs/reference/cli.md knows every command and every option that the parsers take, and no command that is none."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest

from controller.cli.commands import COMMANDS
from tests.docs.pages import ROOT, read

PAGE = read(ROOT / "docs" / "reference" / "cli.md")
SAID = [*PAGE.spans(), *(line for block in PAGE.blocks for line in block.text.splitlines())]
EVERYWHERE = ("--help", "--debug")


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from (option for option in action.option_strings if option.startswith("--"))
        if isinstance(action, argparse._SubParsersAction):
            for part in action.choices.values():
                yield from _options(part)


def _parser(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"rempart {command}")
    parser.set_defaults(command=command)
    COMMANDS[command].load().declare(parser)
    return parser


@pytest.mark.parametrize("command", COMMANDS)
def test_the_reference_has_the_command_and_every_option_of_it(command: str):
    words = {word for span in SAID for word in re.findall(r"--[a-z][a-z-]*|[a-z]+(?:-[a-z]+)*", span)}
    missing = [word for word in (command, *_options(_parser(command))) if word not in words and word not in EVERYWHERE]
    assert not missing, f"docs/reference/cli.md does not tell of {', '.join(missing)}"


def test_the_reference_has_no_option_that_no_command_takes():
    known = {option for command in COMMANDS for option in _options(_parser(command))} | {*EVERYWHERE, "--version"}
    told = {option for span in SAID for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", span)}
    assert not told - known, f"no command takes {', '.join(sorted(told - known))}"
