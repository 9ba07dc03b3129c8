"""The wire: one Link per protocol, and the library of device profiles."""
