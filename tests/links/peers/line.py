"""Two serial ports with a cable between them: pseudo-terminals, joined by the loop."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def bridge() -> Iterator[tuple[str, str]]:
    """Yield the paths of both ports."""
    loop = asyncio.get_running_loop()
    (master, slave), (other_master, other_slave) = os.openpty(), os.openpty()
    for end in (master, slave, other_master, other_slave):
        tty.setraw(end)

    def carry(source: int, target: int) -> None:
        os.write(target, os.read(source, 4096))

    loop.add_reader(master, carry, master, other_master)
    loop.add_reader(other_master, carry, other_master, master)
    try:
        yield os.ttyname(slave), os.ttyname(other_slave)
    finally:
        for end in (master, other_master):
            loop.remove_reader(end)
        for end in (master, slave, other_master, other_slave):
            os.close(end)
