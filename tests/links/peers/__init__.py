"""Peers of the tests' own: they share no code with rempart's drivers, nor with its simulators."""
