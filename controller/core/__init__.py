"""What rempart knows, as values and functions: no clock, no I/O, no tasks; time is an argument, effects are returned."""
