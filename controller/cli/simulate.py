"""`rempart simulate`: the simulated equipment of a site, in a process of its own that shares no code with the controller."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from controller.cli import discover, sites
from controller.cli.bench import BENCH, CONTROL
from controller.cli.children import module
from controller.cli.exits import Exit, Failure
from controller.statefolder import make_runtime_folder, runtime_path


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    sites.declare_site(parser)
    parser.add_argument("--bench", metavar="FILE", type=Path, help="where to write the bench file")
    parser.add_argument("--runtime", metavar="DIR", type=Path, help="folder of the control socket and the serial ports")
    declare_field(parser)
    parser.add_argument("--only", metavar="L1,L2", help="serve only these links")


def declare_field(parser: ArgumentParser) -> None:
    """Add the options that say how the field behaves."""
    parser.add_argument("--broker", choices=("auto", "mosquitto", "embedded"), help="which MQTT broker to start (auto)")
    parser.add_argument("--speed", metavar="X", help="simulated seconds in a second (1)")
    parser.add_argument("--seed", metavar="N", type=int, help="seed of everything random (0)")
    parser.add_argument("--no-traffic", action="store_true", help="no vehicles but those that are sent by hand")


def run(given: Namespace) -> Exit:
    """Become the simulators."""
    file = sites.site_file(given.site).absolute()
    folder, name = file.parent, sites.site_name(file)
    runtime = make_runtime_folder(runtime_path(name, given.runtime), CONTROL).absolute()
    refuse_second(runtime)
    words = [str(folder), "--bench", str(given.bench or runtime / BENCH), "--runtime", str(runtime), *passed_on(given)]
    argv = module("simulators", *words, *(["--only", given.only] if given.only else []))
    os.execv(argv[0], argv)  # noqa: S606 (this process becomes the simulators)


def passed_on(given: Namespace) -> list[str]:
    """Return the options that are the simulators' own."""
    named = {"--broker": given.broker, "--speed": given.speed, "--seed": given.seed}
    options = [text for name, value in named.items() if value is not None for text in (name, str(value))]
    return [*options, *(["--no-traffic"] if given.no_traffic else [])]


def refuse_second(runtime: Path) -> None:
    """Raise Failure where somebody simulates this site already: two would overwrite each other's bench file."""
    if discover.accepts(runtime / CONTROL):
        raise Failure(Exit.FAILED, f"{runtime / CONTROL}: this site is being simulated already; stop that first")
