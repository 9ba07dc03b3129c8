"""R30 RSMP: ack timeout 30 s, watchdog 60 s, reconnect 10 s, >= 10 000 messages survive power loss, commands not buffered."""

DOES_NOT_APPLY = "no link speaks RSMP yet: the traffic controller is read by its contacts (R31), which nothing buffers"
