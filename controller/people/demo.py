"""The people of a demo: one for each role, with a password that everybody knows. They get in only where all is simulated."""

from __future__ import annotations

from contextlib import suppress

from controller.people.errors import PeopleError, Taken
from controller.people.passwords import Passwords
from controller.people.roles import Role
from controller.people.rules import DEMO_PASSWORD
from controller.people.store import Store

DEMO_USERS = {
    "olga": Role.OPERATOR,
    "tom": Role.TECHNICIAN,
    "sam": Role.SUPERVISOR,
    "ada": Role.ADMINISTRATOR,
    "vic": Role.VIEWER,
}


def add_demo_users(store: Store, *, simulated: bool, passwords: Passwords | None = None) -> dict[str, Role]:
    """Make the demo's users that are not there yet, and return all of them with their roles.

    `simulated` says that every link of the site is: else this raises PeopleError, and the controller lets none of them in.
    Blocking, for a tenth of a second. Raises StoreUnavailable.
    """
    if not simulated:
        raise PeopleError(
            "demo users have a password that everybody knows: they are made only where every link is simulated"
        )
    hasher = passwords or Passwords()
    for name, role in DEMO_USERS.items():
        if store.user(name) is None:
            with suppress(Taken):  # by another demo, a moment ago
                store.add(name, role, hasher.hash(DEMO_PASSWORD), by="rempart demo", demo=True)
    return dict(DEMO_USERS)
