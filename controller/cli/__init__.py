"""The command line: `rempart COMMAND …`. Every error is a line or two on stderr and an exit code; see docs/reference/cli.md."""

from __future__ import annotations

from controller.cli.main import main

__all__ = ["main"]
