"""What a proof of a trouble is: something that is seen on a wire, or in the steel, before it, while it lasts, and afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulators.mishaps import strike
from simulators.run import Running
from tests.simulators.support import OVERALL_S, Stage, control

Do = Callable[[Running], Awaitable[Any]]
AS_BEFORE: Any = object()


@dataclass(frozen=True)
class Proof:
    """`see` looks at the field as a client does. It sees `sound`, then `ill`, then `healed`; `ready` makes everything ready."""

    target: str
    see: Do
    sound: Any
    ill: Any
    options: Mapping[str, Any] = field(default_factory=dict)
    healed: Any = AS_BEFORE
    ready: Do | None = None

    async def show(self, kind: str, running: Running) -> None:
        """Let it befall a field that is being served, over the control socket. Raises AssertionError."""
        if self.ready is not None:
            await self.ready(running)
        await self._becomes(running, self.sound)
        begun = await control(running, do="trouble", kind=kind, target=self.target, **self.options)
        assert begun["ok"], begun
        await self._becomes(running, self.ill)
        assert (await control(running, do="clear", which=begun["id"]))["ok"]
        await self._becomes(running, self.sound if self.healed is AS_BEFORE else self.healed)

    async def _becomes(self, running: Running, wanted: Any) -> None:
        """Look until it was seen twice in a row: once may have been a slow machine."""
        seen: list[Any] = []
        try:
            async with asyncio.timeout(OVERALL_S):
                while seen[-2:] != [wanted, wanted]:
                    seen.append(await self.see(running))
        except TimeoutError:
            raise AssertionError(f"expected {wanted!r}, seen last: {seen[-3:]}") from None


@dataclass(frozen=True)
class SteelProof:
    """`see` moves the field of a stage, whose time the test makes, and says where its steel or a vehicle is then."""

    target: str
    see: Callable[[Stage], Any]
    sound: Any
    ill: Any
    options: Mapping[str, Any] = field(default_factory=dict)

    def show(self, kind: str, stage: Stage) -> None:
        """Let it befall a stage. Raises AssertionError."""
        assert self.see(stage) == self.sound
        undo = strike(kind, self.target, self.options, stage.built)
        stage.field.settle()
        assert self.see(stage) == self.ill
        undo()
        stage.field.settle()
        assert self.see(stage) == self.sound
