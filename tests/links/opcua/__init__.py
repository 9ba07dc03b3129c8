"""What is OPC UA's own, with asyncua's server as the peer."""
