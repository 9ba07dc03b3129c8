"""What a module logs, as records: whatever a test before it made of the logging of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import structlog
from structlog.testing import LogCapture

if TYPE_CHECKING:
    from structlog.typing import EventDict


def logged(module: str, monkeypatch: pytest.MonkeyPatch) -> list[EventDict]:
    """Give the module's `log` an ear for the rest of the test, and return what it has heard so far and will hear.

    Loggers remember the processors of their first use, so that structlog's own `capture_logs` hears nothing where the
    process has been configured anew since.
    """
    capture = LogCapture()
    wrapper = structlog.make_filtering_bound_logger(0)
    monkeypatch.setattr(f"{module}.log", structlog.wrap_logger(None, processors=[capture], wrapper_class=wrapper))
    return capture.entries
