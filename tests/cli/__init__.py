"""Tests of the command line, run as a person runs it: a process of its own."""
