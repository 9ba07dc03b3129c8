"""What the models of every profile file are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=64)]
Source = Annotated[str, Field(min_length=3, description="Where this row was read: manual, page, table.")]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Unproven = Annotated[str, Field(max_length=1000, description="What no manual at hand tells, and a site has to prove.")]


class Strict(BaseModel):
    """A model that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Timed(Strict):
    """A duration with its source."""

    seconds: float = Field(ge=0, le=600)
    source: Source
