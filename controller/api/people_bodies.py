"""What is asked about people: logging in, users, tokens of programs."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from controller.api.bodies import Line
from controller.people.rules import NAME_MAX, PASSWORD_MAX
from controller.people.tokens import DAYS_MAX

TYPED_MAX = 1024
"""How long what is typed as a password may be before it is looked at."""

Language = Literal["en", "fr", "it", "nl", "de"]
MachineRoleName = Literal["viewer", "operator", "technician", "supervisor"]
RoleName = Literal["viewer", "operator", "technician", "supervisor", "administrator"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class LoginBody(_Body):
    """Who wants in."""

    user: Line = Field(min_length=1, max_length=NAME_MAX)
    password: Line = Field(min_length=1, max_length=TYPED_MAX)


class FirstBody(_Body):
    """Who is to be the first administrator, with the code that the controller told when it started."""

    code: Line = Field(min_length=1, max_length=128)
    user: Line = Field(min_length=1, max_length=NAME_MAX)
    password: Line = Field(min_length=1, max_length=PASSWORD_MAX)


class LanguageBody(_Body):
    """Another language."""

    language: Language


class PasswordBody(_Body):
    """Another password, for whoever knows the old one."""

    old: Line = Field(min_length=1, max_length=TYPED_MAX)
    new: Line = Field(min_length=1, max_length=PASSWORD_MAX)


class UserBody(_Body):
    """Another user."""

    name: Line = Field(min_length=1, max_length=NAME_MAX)
    role: RoleName
    password: Line = Field(min_length=1, max_length=PASSWORD_MAX)
    language: Language = "en"


class UserChangeBody(_Body):
    """What is to be another about a user; what is not given stays."""

    role: RoleName | None = None
    language: Language | None = None
    disabled: bool | None = None
    password: Line | None = Field(default=None, min_length=1, max_length=PASSWORD_MAX)


class TokenBody(_Body):
    """A token for a program."""

    name: Line = Field(min_length=1, max_length=NAME_MAX)
    role: MachineRoleName
    days: float = Field(gt=0, le=DAYS_MAX, allow_inf_nan=False, description="For how long it is good.")
