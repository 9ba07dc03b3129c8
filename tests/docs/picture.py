"""`python -m tests.docs.picture FILE`: draw docs/images/watch.svg, the live picture of a demo in which something happens.

A lamp has burnt out, a vehicle stands on a loop of the wedge, which therefore refuses to rise, and the bollards at Albert 1er are
on their way up.
"""

from __future__ import annotations

import re
import shlex
import sys
import tempfile
from pathlib import Path

from tests.docs.terminal import Terminal, fits

SCENE = (
    ("rempart trouble lamp-out massena-signal lamp=halt", ("…",)),
    ("rempart trouble occupy ruhl-presence", ("…",)),
    ("rempart watch --once", ("…", "! P2 massena-signal: …", "…", "…ruhl-presence …occupied…", "…")),
    ("rempart raise ruhl-wedge || true", ("refused by R09: ruhl-presence: …",)),
    ("rempart raise albert-bollards --no-wait", ("order … accepted",)),
    ("rempart devices", ("…", "albert-bollards …raising…", "…")),
)
FONTS = re.compile(r"@font-face\s*\{[^}]*\}\s*")
COMMENTS = re.compile(r"<!--.*?-->\s*", re.DOTALL)


def main(picture: Path) -> None:
    """Play the scene and draw it. Raises AssertionError where it does not play."""
    with tempfile.TemporaryDirectory() as folder, Terminal(Path(folder)) as terminal:
        ready = ("…", "ready: …")
        assert fits(ready, printed := terminal.stay("rempart demo --no-watch", ready), whole=False), printed
        for command, shown in SCENE:
            printed, status = terminal.run_until(command, shown)
            assert status == 0, f"$ {command}\n{printed}"
            assert fits(shown, printed), f"$ {command}\n{printed}"
        printed, status = terminal.run(f"rempart watch --svg {shlex.quote(str(picture.absolute()))}")
        assert status == 0, printed
        wrong = list(terminal.interrupt())
    assert not wrong, "\n".join(wrong)
    picture.write_text(_alone(picture.read_text("utf-8")), "utf-8")


def _alone(svg: str) -> str:
    """Take out what would be fetched from elsewhere: the reader's own monospaced font does."""
    return COMMENTS.sub("", FONTS.sub("", svg))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
