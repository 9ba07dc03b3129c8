"""Each model of the library, from its profile through the real driver and a real wire to the simulated unit, and back."""
