"""Hidden replay: a peer is cut, silenced, frozen and revived around a write, at many random instants, over real wires.

What is counted, and when. A frame is *sent* when the last of its bytes is handed to the kernel by this process: the clock is
read just before that call (`sent.py`), and the bytes are taken apart as the protocol has them, whoever reads them afterwards.
For each order, which carries a value of its own:

- none after the expiry: no step of the event loop that begins after the deadline sends a frame of it. Within a step nothing
  but the machine comes between the driver's look at the clock and the call: that may take the processor away, and nobody
  can prevent it; half a second of it is counted as wrong at any rate;
- none twice: at most one frame of it is ever sent, on whatever connection, and at most one reaches the peer;
- no false word: an order that ended as Expired, Unreachable or Withdrawn was never sent; one that ended well was sent once
  and had reached the peer by then; each ends soon after its deadline;
- afterwards: once the peer is back, its unit comes up by itself and one more order is carried out once.

What the kernel has accepted cannot be called back. A frame that was sent in time and that a frozen peer reads late is the
peer's lateness: the order must have ended as unknown (Mute, Garbled), and it must not be sent again.
"""
