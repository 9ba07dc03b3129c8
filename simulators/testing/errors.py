"""What can go wrong in a test of a site; the tree is in the package's docstring."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulators.testing.answers import Refusals


class StartFailed(Exception):
    """The site could not be started, or one of its processes has ended; has the last lines of that process."""


class Mistake(ValueError):
    """The test asks for what is not there, or in a way that makes no sense."""


class SiteFailure(AssertionError):
    """The site did not do what the test asked of it."""


class OrderRefused(SiteFailure):
    """An order was refused."""

    def __init__(self, message: str, refusals: Refusals) -> None:
        super().__init__(message)
        self.refusals = refusals


class OrderNotDone(SiteFailure):
    """An order was accepted and did not end as it should; `life` is what became of it."""

    def __init__(self, message: str, life: str) -> None:
        super().__init__(message)
        self.life = life


class NotSeen(SiteFailure):
    """What was waited for did not come in time."""
