"""What can keep a benchmark from being run."""

from __future__ import annotations


class NotPossible(Exception):
    """This machine lacks something, or something did not come up; the text says what, and what to do."""


class NotDone(Exception):
    """A contender did not do the work within its time; the text says which work and how far it came."""
