"""Failed logins, told in a bounded number of records: the first at once, and a flood of them once a minute with its count."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

EVERY_S = 60.0
NAMED = 10
"""How many names and addresses a record lists; more are only counted."""


@dataclass(slots=True)
class Tally:
    """Counts what failed since the last record."""

    _told: float = float("-inf")
    _since: float = 0.0
    _count: int = 0
    _turned_away: int = 0
    _users: dict[str, None] = field(default_factory=dict)
    _addresses: dict[str, None] = field(default_factory=dict)

    def failed(self, user: str, address: str, now: float, *, looked_at: bool = True) -> None:
        """Count one more; `user` is empty where nobody has that name: what was typed there may be a password."""
        if not self._count:
            self._since = now
        self._count += 1
        self._turned_away += not looked_at
        for names, name in ((self._users, user), (self._addresses, address)):
            if name and len(names) <= NAMED:
                names[name] = None

    def due(self, now: float) -> dict[str, Any] | None:
        """Return the record that is due, and begin to count anew; None where none is."""
        if not self._count or now - self._told < EVERY_S:
            return None
        body = {
            "what": "login-failed",
            "count": self._count,
            "turned_away": self._turned_away,
            "over_s": round(now - self._since, 1),
            "users": list(self._users)[:NAMED],
            "addresses": list(self._addresses)[:NAMED],
            "more": len(self._users) > NAMED or len(self._addresses) > NAMED,
        }
        self._told, self._count, self._turned_away = now, 0, 0
        self._users, self._addresses = {}, {}
        return body
