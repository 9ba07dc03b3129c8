"""`python -m tests.console.demo_users STATE`: make the people of a demo in a state folder, as a demo does."""

from __future__ import annotations

import sys
from pathlib import Path

from controller.people.demo import add_demo_users
from controller.people.schema import FILE
from controller.people.store import Store

store = Store(Path(sys.argv[1]) / FILE)
add_demo_users(store, simulated=True)
store.close()
