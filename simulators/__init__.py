"""The other end of the wire: simulated hardware behind real protocols."""
