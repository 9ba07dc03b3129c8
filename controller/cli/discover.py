"""The controllers that run on this machine: each leaves `<site>/api.json` in its runtime folder while it runs."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from controller.statefolder import runtime_path

CARD = "api.json"
SYSTEMD_ROOT = Path("/run/rempart")
"""Where RuntimeDirectory= puts a service's folder (systemd.exec(5))."""
CONNECT_S = 1.0


@dataclass(frozen=True, slots=True)
class Card:
    """What a running controller tells of itself: its process, where it listens, and where its tokens are."""

    site: str
    pid: int
    socket: Path
    url: str
    token_file: Path
    supervisor_token_file: Path | None
    boot: str


def roots(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Return the folders that hold one folder a site: where `rempart run` puts it by itself, and where systemd does."""
    ours = runtime_path("any", environ={**environ, "RUNTIME_DIRECTORY": ""}).parent
    return [ours, SYSTEMD_ROOT]


def site_folders(environ: Mapping[str, str] = os.environ) -> Iterator[Path]:
    """Yield the runtime folder of every site, running or not; a folder that a stranger could have made is passed over."""
    for root in roots(environ):
        try:
            if root.stat().st_uid in (os.geteuid(), 0):
                yield from sorted(path for path in root.iterdir() if path.is_dir())
        except OSError:
            continue


def running(environ: Mapping[str, str] = os.environ) -> list[Card]:
    """Return the controllers that run on this machine, whatever cards dead ones left behind."""
    cards = (read_card(folder / CARD) for folder in site_folders(environ))
    return [card for card in cards if card is not None and _answers(card)]


def read_card(path: Path) -> Card | None:
    """Read what a controller tells of itself; None where there is nothing that makes sense."""
    try:
        told = json.loads(path.read_text("utf-8"))
        return Card(
            str(told["site"]),
            int(told["pid"]),
            Path(told["socket"]),
            str(told["url"]),
            Path(told["token_file"]),
            Path(told["supervisor_token_file"]) if "supervisor_token_file" in told else None,
            str(told["boot"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _answers(card: Card) -> bool:
    return _lives(card.pid) and accepts(card.socket)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def accepts(path: Path) -> bool:
    """Tell whether somebody listens at the unix socket `path`, even if not to us."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(CONNECT_S)
        try:
            probe.connect(str(path))
        except (PermissionError, TimeoutError):
            return True
        except OSError:
            return False
    return True
