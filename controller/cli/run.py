"""`rempart run`: the controller of one site, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from controller.cli import sites
from controller.cli.exits import Exit, Failure

if TYPE_CHECKING:
    from controller.service import Address

LEVELS = ("debug", "info", "warning", "error")
PORT = 8470

YOUNG = 20_000
"""After so many more objects made than freed the collector looks through the young ones."""


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    sites.declare_site(parser)
    parser.add_argument("--bench", metavar="FILE", type=Path, help="drive simulated equipment: the links of this file")
    parser.add_argument(
        "--real", metavar="L1,L2", default="", help="with --bench: links whose real equipment is driven"
    )
    declare_service(parser)
    parser.add_argument("--port", metavar="N", type=port, default=PORT, help=f"TCP port of the API ({PORT}; 0: any)")
    parser.add_argument("--group-socket", action="store_true", help="let this process's group use the socket, too")
    parser.add_argument("--log-level", choices=LEVELS, default="info", help="how much to log on stderr (info)")
    parser.add_argument("--log-json", action="store_true", help="log one JSON object a line")


def declare_service(parser: ArgumentParser) -> None:
    """Add the options that say where a controller keeps its things."""
    parser.add_argument("--state", metavar="DIR", type=Path, help="folder of journal, token and lock")
    parser.add_argument("--runtime", metavar="DIR", type=Path, help="folder of the socket")


def port(text: str) -> int:
    """Take a TCP port, or 0 for any."""
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise ArgumentTypeError(f"{text}: expected a TCP port from 0 (any) to 65535")
    return int(text)


def run(given: Namespace) -> Exit:
    """Check the site, then run it."""
    from controller import logs, service
    from controller.config.load import load_site

    logs.configure(given.log_level, as_json=given.log_json)
    real = [name for name in given.real.split(",") if name]
    if real and given.bench is None:
        raise Failure(Exit.USAGE, "--real: without --bench every link is real")
    site = load_site(sites.site_file(given.site), bench=given.bench, real=real)
    options = service.Options(
        state=given.state, runtime=given.runtime, port=given.port, group_socket=given.group_socket
    )
    _spare_the_collector()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(service.serve(site, options, _told))
    return Exit.DONE


def _told(address: Address) -> None:
    print(f"ready: API {address.url} and {address.socket}", flush=True)


def _spare_the_collector() -> None:
    """Keep the garbage collector from what lives as long as the site: to look through it stops the loop for 0.1 s."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 100)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's where it is installed (the extra `fast`)."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    return factory
