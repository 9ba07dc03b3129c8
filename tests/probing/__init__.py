"""What is at the other end of a wire: probed over real sockets, pseudo-terminals and brokers."""
