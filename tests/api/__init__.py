"""The API over real sockets, in front of a real supervisor."""
