"""The bench file: which of a site's links are simulated, and where. Written in one piece, once everything listens."""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

from ruamel.yaml import YAML

from simulators.errors import SimulationError
from simulators.profiles import read_yaml


def addresses(path: Path) -> tuple[dict[str, int], Path | None]:
    """Return the TCP ports by link, and the folder of the control socket, of a bench file; nothing where there is none."""
    if not path.is_file():
        return {}, None
    document = read_yaml(path)
    try:
        urls = {name: urlsplit(link["url"]) for name, link in document["links"].items()}
        return {name: url.port for name, url in urls.items() if url.port}, Path(document["control"]).parent
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SimulationError(f"{path}: not a bench file: {error!r}") from None


def write(path: Path, links: Mapping[str, str], control: Path) -> None:
    """Replace `path` atomically. Raises OSError."""
    text = StringIO()
    document = {
        "simulated": True,
        "control": str(control),
        "links": {name: {"url": url} for name, url in links.items()},
    }
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.width = 4096
    writer.dump(document, text)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text.getvalue(), encoding="utf-8")
    beside.replace(path)
