from __future__ import annotations

import errno
import os
import socket

import pytest

from drivers.remedies import why_no_host, why_no_port


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOENT, "is the adapter plugged in?"),
        (errno.EACCES, "often dialout"),
        (errno.EAGAIN, "another process has it open"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_a_port_that_does_not_open_says_what_to_do(number: int, told: str):
    text = why_no_port("/dev/ttyUSB0", OSError(number, os.strerror(number)))
    assert text.startswith("/dev/ttyUSB0: ")
    assert told in text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ECONNREFUSED, "refused"), "nothing listens there"),
        (OSError(errno.EHOSTUNREACH, "no route"), "is it powered"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "the name cannot be resolved"),
        (OSError(errno.ECONNRESET, "reset by peer"), "reset by peer"),
        (None, "no answer within 0.50 s"),
    ],
)
def test_a_host_that_does_not_answer_says_what_to_do(error: OSError | None, told: str):
    text = why_no_host("10.20.1.10", 502, error, 0.5)
    assert text.startswith("10.20.1.10:502: ")
    assert told in text
