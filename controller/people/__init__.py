"""Who may do what: people with passwords, their sessions, tokens of programs, and the permissions of each role.

roles.py      five roles and what each may do
throttle.py   how often somebody may try a password
sessions.py   who has logged in, until when
tally.py      failed logins, of which a flood is one record
rules.py      what a name and a password must be
passwords.py  argon2id, one at a time, beside the loop
store.py      people.db, which the command line writes too; schema.py is its form, tokens.py what programs hold
reception.py  all of it together, as the API uses it
demo.py       the people of a demo

Roles, throttle, sessions and tally take the time as an argument and do nothing else.
"""

from __future__ import annotations
