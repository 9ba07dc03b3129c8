"""The simulators that run on this machine, and a word with them over their control socket (one JSON object a line)."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from controller.cli import discover
from controller.cli.exits import Exit, Failure

BENCH = "bench.yaml"
CONTROL = "control.sock"
ANSWER_S = 10.0


def find(bench: Path | None, site: str = "") -> Path:
    """Return the control socket of the simulators that `bench` names, or of those that run here. Raises Failure."""
    if bench is not None:
        return _named_in(bench)
    found = [folder / CONTROL for folder in discover.site_folders() if site in ("", folder.name)]
    found = [path for path in found if discover.accepts(path)]
    if not found:
        raise Failure(
            Exit.NO_CONTROLLER,
            "no simulators are running on this machine, and real equipment is not broken on purpose:\n"
            "start them with `rempart simulate SITE` or `rempart demo`, or name their file with --bench",
        )
    if len(found) > 1:
        known = ", ".join(path.parent.name for path in found)
        raise Failure(Exit.USAGE, f"several sites are simulated on this machine, say which with --site: {known}")
    return found[0]


def _named_in(bench: Path) -> Path:
    from controller.config.located import read

    document = read(bench, str(bench))
    if document.problems:
        raise Failure(Exit.USAGE, "\n".join(str(problem) for problem in document.problems))
    control = document.data.get("control") if isinstance(document.data, dict) else None
    if not isinstance(control, str) or not control:
        raise Failure(Exit.USAGE, f"{bench}: names no `control` socket, so no simulators can be spoken to")
    return Path(control)


def ask(control: Path, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the simulators' answer. Raises Failure: they do not answer, or will not do it."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(ANSWER_S)
            line.connect(str(control))
            line.sendall(json.dumps(request).encode() + b"\n")
            with line.makefile("rb") as answers:
                told = json.loads(answers.readline())
    except (OSError, ValueError) as error:
        raise Failure(Exit.NO_CONTROLLER, f"{control}: no simulators answer ({error}); do they run?") from error
    if not told.get("ok"):
        raise Failure(Exit.USAGE, str(told.get("error", told)))
    return {key: value for key, value in told.items() if key != "ok"}
