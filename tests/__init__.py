"""Tests mirror the source tree; tests/rules has one file for each numbered requirement."""
