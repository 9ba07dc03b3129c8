"""What is measured besides and does not come with this repository: installed outside of it when it is asked for, and kept."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.trouble import NotPossible

INSTALL_S = 1200.0
"""What pip or npm may take at a slow mirror."""
STAMP = "installed.json"

Command = Sequence[str | Path]


def cache() -> Path:
    """Return the folder of all environments."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rempart-bench"


@dataclass(frozen=True, slots=True)
class Environment(ABC):
    """Packages that are installed together; `name` is that of their folder."""

    name: str

    @property
    def folder(self) -> Path:
        """Return where they are, or will be."""
        return cache() / self.name

    @property
    @abstractmethod
    def wanted(self) -> Any:
        """What is to be installed, as JSON has it."""

    @abstractmethod
    def commands(self) -> Sequence[Command]:
        """Return what installs it into its folder."""

    def files(self) -> Mapping[str, str]:
        """Return what is written into its folder before that, by name."""
        return {}

    def ready(self) -> bool:
        """Tell whether all of it is installed."""
        stamp = self.folder / STAMP
        return stamp.exists() and json.loads(stamp.read_text("utf-8")) == self.wanted

    def install(self, told: Callable[[str], None]) -> None:
        """Install it unless it is. Raises NotPossible, with what was said, where that fails."""
        cache().mkdir(parents=True, exist_ok=True)
        with _alone(cache() / f"{self.name}.lock"):
            if self.ready():
                return
            told(f"{self.name}: is being installed into {self.folder}: some minutes, once")
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir()
            for name, text in self.files().items():
                (self.folder / name).write_text(text, "utf-8")
            log = cache() / f"{self.name}.log"
            log.write_bytes(b"")
            for command in self.commands():
                self._run(command, log)
            # Last, so that what was interrupted is begun again.
            (self.folder / STAMP).write_text(json.dumps(self.wanted), "utf-8")

    def _run(self, command: Command, log: Path) -> None:
        try:
            with log.open("ab") as out:
                done = subprocess.run(
                    [*map(str, command)], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                    check=False, timeout=INSTALL_S,
                )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise NotPossible(f"{self.name}: not installed after {INSTALL_S:g} s; what was said is in {log}") from None
        if done.returncode:
            raise NotPossible(
                f"{self.name} could not be installed: {_complaint(log)} (the rest is in {log}); "
                "where its packages cannot be reached, leave it out with --contenders"
            )


@dataclass(frozen=True, slots=True)
class PythonPackages(Environment):
    """Packages for this Python, in a virtual environment."""

    requirements: tuple[str, ...]

    @property
    def python(self) -> Path:
        """Return its interpreter."""
        return self.folder / "bin" / "python"

    def shipped(self, path: str) -> Path:
        """Return what a package brings along, by its path among the packages. Raises NotPossible."""
        found = next(self.folder.glob(f"lib/python*/site-packages/{path}"), None)
        if found is None:
            raise NotPossible(f"{self.folder}: no {path} there; remove that folder, and it is installed anew")
        return found

    @property
    def wanted(self) -> Any:
        return [sys.version.split()[0], *self.requirements]

    def commands(self) -> Sequence[Command]:
        pip = ["-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
        return [
            [sys.executable, "-m", "venv", self.folder],
            [self.python, *pip, "install", *self.requirements],
        ]


@dataclass(frozen=True, slots=True)
class NodePackages(Environment):
    """Packages for Node.js; `replaced` names what is taken in place of packages that they ask for."""

    packages: Mapping[str, str]
    replaced: Mapping[str, str]

    @property
    def wanted(self) -> Any:
        return {"private": True, "dependencies": dict(self.packages), "overrides": dict(self.replaced)}

    def files(self) -> Mapping[str, str]:
        return {"package.json": json.dumps(self.wanted)}

    def commands(self) -> Sequence[Command]:
        # What is optional wants a compiler, for serial ports.
        quiet = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--no-package-lock"]
        return [["npm", "install", *quiet, "--prefix", self.folder]]


def _complaint(log: Path) -> str:
    """Return the first line that speaks of an error: npm ends with advice."""
    said = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    return next((line for line in said if "error" in line.lower()), said[-1] if said else "nothing was said")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep another run from installing the same at the same time."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
