"""Who comes with a token: a person who has logged in, a program, or whoever may read the machine's own files."""

from __future__ import annotations

from dataclasses import dataclass

from controller.people.roles import GRANTED, LOCAL, Permission, Role


@dataclass(frozen=True, slots=True)
class Credential:
    """Who comes with a token, and in which role; `digest` is the token's where it is a session's or a program's."""

    principal: str
    role: Role
    person: bool = False
    digest: str = ""

    @property
    def local(self) -> bool:
        """Tell whether it is one of the two tokens of the machine itself."""
        return not self.digest

    @property
    def permissions(self) -> frozenset[Permission]:
        """Return what it may do."""
        return LOCAL if self.local else GRANTED[self.role]

    @property
    def user(self) -> str:
        """Return the person who has proven to be behind it, or nobody ("")."""
        return self.principal if self.person else ""


OPERATOR = Credential("local-token", Role.OPERATOR)
SUPERVISOR = Credential("supervisor-token", Role.SUPERVISOR)
