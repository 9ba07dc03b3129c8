"""Tests of the documentation: its links, its names and everything it tells people to type."""
