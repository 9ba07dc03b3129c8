"""One server for each protocol: thin, each encoding for itself."""
