"""The programs in C, built where their sources have changed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from benchmarks.trouble import NotPossible

SOURCES = Path(__file__).parent / "c"
BUILT = Path(__file__).parent / "build"
SHARED = ("device.c", "control.c", "options.c", "loop.c")
PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "responder": ("responder.c", *SHARED),
    "bus": ("bus.c", *SHARED),
    "cclient": ("cclient.c",),
}
FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror")
BUILD_S = 120.0


def program(name: str) -> Path:
    """Return the path of a built program. Raises NotPossible where there is no compiler, or where it complains."""
    sources = [SOURCES / source for source in PROGRAMS[name]]
    built = BUILT / name
    newest = max(path.stat().st_mtime for path in SOURCES.iterdir())
    if built.exists() and built.stat().st_mtime >= newest:
        return built
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise NotPossible(
            f"no C compiler for {SOURCES}: expected gcc or cc in PATH; install it (Debian: apt-get install gcc libc6-dev)"
        )
    BUILT.mkdir(exist_ok=True)
    # Two runs that build at once must not run each other's half-written program.
    half = BUILT / f".{name}.{os.getpid()}"
    command = [compiler, *FLAGS, "-o", str(half), *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=BUILD_S)
    if done.returncode:
        raise NotPossible(f"{built} could not be built; {compiler} says:\n{done.stderr.strip()}")
    half.replace(built)
    return built
