"""How a command ends: the exit codes, and the error that carries one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from controller.ports import RempartError


class Exit(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NO_CONTROLLER = 3
    REFUSED = 4
    NOT_DONE = 5
    NOTED = 6
    INTERRUPTED = 130


MEANINGS: Mapping[Exit, str] = {
    Exit.DONE: "done; for an order: its end was seen by the equipment's own feedback",
    Exit.FAILED: "could not start, ended by a fault, or a check found the journal or a report changed",
    Exit.USAGE: "the command line, the site or the bench file is wrong; nothing was sent",
    Exit.NO_CONTROLLER: "nobody answers, no controller, no simulator, nothing on a probed wire; or the token is not accepted",
    Exit.REFUSED: "the order was refused, or the probe of a wire that is in use; each reason is on stderr",
    Exit.NOT_DONE: "the order was accepted and then failed, expired, was superseded, or its outcome is unknown",
    Exit.NOTED: "noted, and not done yet: another person has to ask for it too (`lift` of another's lock-out)",
    Exit.INTERRUPTED: "interrupted by Ctrl-C; an order that was given goes on, one with `--hold` ends",
}


class Failure(RempartError):
    """A command ends here: `code` for whoever called it, the message, of one line or two, for the person."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code
