"""`python -m simulators SITE_DIR --bench FILE`: serve a site's simulated field until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from simulators import bench
from simulators.errors import SimulationError
from simulators.notify import notify, watchdog_s
from simulators.run import Options, Running, running

WIDTH = 80


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return 0 after a stop that was asked for, 2 after bad input."""
    given = _parser().parse_args(arguments)
    # What the protocol libraries log of peers that come and go is of no interest here.
    logging.basicConfig(level=logging.ERROR)
    for library in ("asyncua", "amqtt", "transitions"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    try:
        asyncio.run(_serve(given))
    except (SimulationError, OSError) as error:
        print("\n".join(f"simulators: {line}" for line in str(error).splitlines()), file=sys.stderr)
        return 2
    return 0


async def _serve(given: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    only = [name for name in given.only.split(",") if name]
    ports, runtime = bench.addresses(given.bench) if given.again and given.bench else ({}, None)
    options = Options(given.speed, given.seed, not given.no_traffic, only, given.broker, ports)
    async with running(given.site, options, given.runtime or runtime) as field:
        if given.bench is not None:
            bench.write(given.bench, field.links, field.control.path)
        try:
            _tell(field, given.bench)
            notify("READY=1")
            await _until(stop, field.living)
            notify("STOPPING=1")
        finally:
            if given.bench is not None:
                given.bench.unlink(missing_ok=True)


async def _until(stop: asyncio.Event, living: asyncio.Task[None]) -> None:
    """Wait for the end, and let systemd know meanwhile that the field lives. Raises what it died of, if it does."""
    every = watchdog_s()
    stopping = asyncio.create_task(stop.wait())
    while not stopping.done():
        if every is not None:
            notify("WATCHDOG=1")
        await asyncio.wait((stopping, living), timeout=every, return_when=asyncio.FIRST_COMPLETED)
        if living.done():
            stopping.cancel()
            living.result()


def _tell(field: Running, bench_file: Path | None) -> None:
    rows = [("link", "protocol", "address")]
    rows += [(name, server.protocol, server.url) for name, server in field.servers.items()]
    first, second = (max(len(row[i]) for row in rows) for i in (0, 1))
    for name, protocol, url in rows:
        line = f"{name:{first}}  {protocol:{second}}  {url}"
        # An address that does not fit gets a line of its own, so that it can still be copied whole.
        print(line if len(line) <= WIDTH else f"{name:{first}}  {protocol}\n    {url}")
    print(f"control  {field.control.path}")
    if bench_file is not None:
        print(f"bench    {bench_file}")
    print(
        f"simulating {field.built.plan.site}: {len(field.built.field.wired)} plants, {len(field.servers)} links",
        flush=True,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="simulators",
        description="Serve the simulated field of a site over its real protocols, on this machine only.",
    )
    parser.add_argument("site", type=Path, metavar="SITE_DIR", help="site folder with a simulation.yaml")
    parser.add_argument("--bench", type=Path, metavar="FILE", help="write here which link is served where")
    parser.add_argument("--again", action="store_true", help="serve at the addresses of an existing --bench FILE")
    parser.add_argument("--runtime", type=Path, metavar="DIR", help="folder for the control socket and serial ports")
    parser.add_argument(
        "--broker", choices=("auto", "mosquitto", "embedded"), default="auto", help="MQTT broker to run"
    )
    parser.add_argument(
        "--speed", type=_factor, default=1.0, metavar="X", help="simulated seconds a second (default 1)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of everything random (default 0)")
    parser.add_argument("--only", default="", metavar="L1,L2", help="serve only these links")
    parser.add_argument("--no-traffic", action="store_true", help="no vehicles but those sent by hand")
    return parser


def _factor(text: str) -> float:
    value = float(text)
    if not 0 < value <= 100:
        raise argparse.ArgumentTypeError(f"{text}: expected a factor above 0, at most 100")
    return value


if __name__ == "__main__":
    sys.exit(main())
