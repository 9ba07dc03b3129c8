"""The journal on the real SQLite, with real failures of it."""
