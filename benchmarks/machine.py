"""The machine: which CPUs are whose, which ports are free, and what it is."""

from __future__ import annotations

import errno
import os
import platform
import resource
import shutil
import socket
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from benchmarks.trouble import NotPossible

FIRST_PORT, LAST_PORT = 10_000, 32_000
"""Below the range from which Linux takes the ports of outgoing connections (32768 on)."""
HIGHEST_START = 20_000
FILES = 8192
"""What a thousand devices need, on both sides, with room to spare."""


@cache
def cpus() -> tuple[int, int]:
    """Return the CPU of the farm and the load, and the contender's; the same one where there is only one."""
    free = sorted(os.sched_getaffinity(0))
    return free[0], free[1 if len(free) > 1 else 0]


def pinned() -> bool:
    """Tell whether the contender has a CPU of its own."""
    farm, contender = cpus()
    return farm != contender


def allow_files(wanted: int = FILES) -> None:
    """Let this process and its children open `wanted` files. Raises NotPossible where the system's limit is lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise NotPossible(f"{wanted} open files are needed, and {hard} is the limit here: raise it (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def system_program(name: str) -> str | None:
    """Return the path of a program, also of a server, which Debian puts where an ordinary user's PATH does not lead."""
    return shutil.which(
        name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    )


def free_port() -> int:
    """Return one TCP port that is free now."""
    return free_ports(1)


def free_ports(count: int) -> int:
    """Return the first of `count` TCP ports in a row that are free now. Raises NotPossible where there are none."""
    first = FIRST_PORT + os.getpid() * 7 % (HIGHEST_START - FIRST_PORT)
    while first + count <= LAST_PORT:
        taken = _first_taken(first, count)
        if taken is None:
            return first
        first = taken + 1
    raise NotPossible(f"no {count} free TCP ports in a row from {FIRST_PORT} to {LAST_PORT}: stop what listens there")


def _first_taken(first: int, count: int) -> int | None:
    with ExitStack() as held:
        for port in range(first, first + count):
            candidate = held.enter_context(socket.socket())
            # As the farm binds them: connections of an earlier run that linger are no obstacle.
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                return port
    return None


def described() -> dict[str, str | int]:
    """Return what must be known of a machine to judge figures that were measured on it."""
    return {
        "cpu": _cpu_model(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
