"""The operator's console: pages of their own process, a client of the API like any other, with no power of its own.

Whoever looks at a page does so with the token of their session at the controller, which checks every request itself. What this
process holds is a picture of the site that all open pages share; it may crash, hang or be flooded: nobody's order waits for it.
"""
