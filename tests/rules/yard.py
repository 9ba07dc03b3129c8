"""The site of the rules, in `site/`: as it is, and in a copy that a test has altered."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from controller.config.load import ConfigError, load_site
from tests.faults.bench import Bench

YARD = Path(__file__).parent / "site"

SITE, SIMULATION = "site.yaml", "simulation.yaml"
PROFILE = "profiles/bollard-of-the-rules.yaml"

Edit = tuple[str, str, str]
"""A file of the site, a text in it, and what to put in its place."""


@contextmanager
def altered(*edits: Edit) -> Iterator[Path]:
    """Give a copy of the site with these edits, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="rempart-yard-") as made:
        folder = Path(made) / "yard"
        shutil.copytree(YARD, folder)
        for name, old, new in edits:
            text = (folder / name).read_text(encoding="utf-8")
            assert old in text, f"not in {name}: {old}"
            (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        yield folder


def refused(*edits: Edit) -> list[tuple[str, int, str]]:
    """Return what `rempart check` says of the altered site: file, line, and message."""
    with altered(*edits) as folder:
        try:
            load_site(folder)
        except ConfigError as error:
            return [(Path(problem.path).name, problem.line, problem.message) for problem in error.problems]
    return []


def alarms(b: Bench) -> dict[str, str]:
    """Return what each alarm that stands says, by its id."""
    return {standing.id: standing.text for standing in b.service.supervisor.alarms.standing()}


async def alarmed(b: Bench, alarm: str, within_s: float = 5.0) -> str:
    """Return what the alarm says once it stands."""
    await b.met(lambda: alarm in alarms(b), within_s, f"{alarm} was never alarmed: {sorted(alarms(b))}")
    return alarms(b)[alarm]
