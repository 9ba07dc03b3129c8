"""The proof of a site: its devices' own logic, run in every situation that the world can bring about.

What is explored. Each device is a finite machine (`machine.py`): its nodes are shapes of the device (`shape.py`), its edges what
the logic that runs in the service (`motion.decided`, `kinds.step`) makes of everything that can happen (`world.py`). Nothing of
that logic is written a second time here. The devices that have to do with each other are explored as a product (`search.py`):
any of them may take its next step at any moment, which is every order in which mailboxes can be served. One step is one message
of one mailbox; a runner reads the board and shows its device within it, so no step is torn.

What is left out, and why that hides nothing:

- Times. Whether a time is over is answered both ways (`clock.py`). Which of two times is over first is then answered both ways
  too, so more is explored than can happen. A loop's second of being clear is kept: it lasts for any time, then it is over.
- The steel. Limit switches may show anything after anything, whatever the outputs are.
- Several members of a row. The logic classifies them together; members apart are "neither limit".
- Several units of a device. The logic asks only whether one is missing.
- Which node a device is in, where nobody can see it (`quotient.py`). A block can do what any of its nodes can. A
  counter-example must be one that nodes can follow, or the blocks are split.
- A neighbour, but for what the logic asks of it (`lens.py`), by the very functions that it asks with.
- Beacons, traffic controllers and mains contacts. They let an order begin later or not at all, or stop what moves; here any order
  may begin at any moment, and what moves may be stopped at any moment.
- What people hold over a device, its key switch, its stop and its edge, as something that lasts. Each only forbids; it is there
  for one look, at any moment (`world.SIGNS`).
- The output that stops a drive. It switches no motion on.

What is assumed: that a write switches its outputs in the order given and stops at the first that fails, that the wire gives
acknowledgements only for what was done, and one after the other (pinned by the tests of endpoints and drivers); that a device
whose neighbour changed has its next step soon (it is woken by the board, or by its own timer, or by its next poll). Until that
step it is excused; a motion that must end because of it ends with that step, not before.

What is not proved: that what is wired is what the site file says, how long anything takes, and what a person does at the panel.
"""
