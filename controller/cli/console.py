"""`rempart console`: the operator's pages, a process of its own beside the controller."""

from __future__ import annotations

import os
import ssl
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from controller.cli import discover
from controller.cli.exits import Exit, Failure
from controller.cli.run import port

if TYPE_CHECKING:
    from controller.console.upstream import Where

PORT = 8480
READY = "ready: console "
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    group = parser.add_argument_group("which controller (default: the one that runs on this machine)")
    group.add_argument("--site", metavar="NAME", default="", help="of several on this machine, the one of this site")
    group.add_argument("--runtime", metavar="DIR", type=Path, help="the one that runs with this runtime folder")
    group.add_argument(
        "--url", default=os.environ.get("REMPART_URL", ""), help="the one at http://HOST:PORT or unix:/PATH"
    )
    parser.add_argument("--port", metavar="N", type=port, default=PORT, help=f"TCP port of the pages ({PORT}; 0: any)")
    parser.add_argument("--host", metavar="ADDRESS", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--certificate", metavar="FILE", type=Path, help="serve TLS with this certificate chain (PEM)")
    parser.add_argument("--key", metavar="FILE", type=Path, help="its private key (PEM)")
    parser.add_argument(
        "--behind-proxy",
        action="store_true",
        help="a reverse proxy on this machine ends TLS: heed its X-Forwarded-For and -Proto",
    )


def run(given: Namespace) -> Exit:
    """Serve the pages until told to stop."""
    from controller.console.serving import serve

    if (given.certificate is None) != (given.key is None):
        raise Failure(Exit.USAGE, "--certificate and --key belong together: give both, or neither")
    if given.host not in LOOPBACK and given.certificate is None:
        raise Failure(
            Exit.USAGE,
            f"--host {given.host}: passwords would cross the network in clear: give --certificate and --key, or let a "
            "reverse proxy on this machine end TLS and listen on 127.0.0.1 with --behind-proxy",
        )
    try:
        serve(
            where(given),
            given.host,
            given.port,
            given.certificate,
            given.key,
            behind_proxy=given.behind_proxy,
            ready=_told,
        )
    except (OSError, ssl.SSLError) as error:
        raise Failure(Exit.FAILED, f"the pages cannot be served at {given.host}:{given.port}: {error}") from error
    return Exit.DONE


def _told(url: str) -> None:
    print(f"{READY}{url}", flush=True)


def told(log: Path) -> str:
    """Return the address that a console has printed into its log; nothing where it has not yet."""
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    return next((line.removeprefix(READY) for line in lines if line.startswith(READY)), "")


def where(given: Namespace) -> Where:
    """Return where the controller is that is meant, whether it runs already or not. Raises Failure."""
    from controller.console.upstream import Where

    if given.url:
        if given.url.startswith("unix:"):
            return Where(given.url, Path(given.url.removeprefix("unix:").removeprefix("//")))
        if given.url.startswith(("http://", "https://")):
            return Where(given.url)
        raise Failure(Exit.USAGE, f"--url {given.url}: expected http://HOST:PORT or unix:/PATH")
    if given.runtime is not None:
        return Where("http://localhost", given.runtime / "api.sock")
    here = discover.running()
    cards = [card for card in here if given.site in ("", card.site)]
    if not cards:
        running = f"; running here: {', '.join(card.site for card in here)}" if here else ""
        raise Failure(
            Exit.NO_CONTROLLER,
            f"no controller is running on this machine{f' for {given.site}' if given.site else ''}{running}: start one with "
            "`rempart run SITE`, or say with --runtime or --url where it will be",
        )
    if len(cards) > 1:
        known = ", ".join(f"{card.site} ({card.url})" for card in cards)
        raise Failure(Exit.USAGE, f"several controllers run on this machine, say which with --site or --url: {known}")
    return Where(cards[0].url, cards[0].socket)
