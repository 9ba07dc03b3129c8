"""Tests of the acceptance test: what it records and what its report makes of that."""
