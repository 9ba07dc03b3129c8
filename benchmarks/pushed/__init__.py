"""Wires on which the peer speaks: an OPC UA server and an MQTT broker whose values change, and who hears them."""
