"""What several commands read from the command line in the same way."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable


def seconds(most: float, least: float = 0.0) -> Callable[[str], float]:
    """Return what reads seconds above 0, from `least` to `most`. That raises ArgumentTypeError."""
    expected = f"{least:g} to {most:g} seconds" if least else f"seconds above 0, at most {most:g}"

    def read(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = 0.0
        if not 0 < found <= most or found < least:
            raise ArgumentTypeError(f"expected {expected}, found {text}")
        return found

    return read
