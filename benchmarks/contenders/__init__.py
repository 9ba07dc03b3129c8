"""Who does the works: the service, and what it is held against."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.contenders.base import Contender
from benchmarks.contenders.nodered import NodeRed
from benchmarks.contenders.pushed import BarePushed
from benchmarks.contenders.reference import Bare, Limit
from benchmarks.contenders.rempart import Rempart
from benchmarks.contenders.thingsboard import ThingsBoard
from benchmarks.farm import Layout

REFERENCE = "pymodbus/asyncio"
"""What ratios are to: the figure of this one in the same round."""

PEERS = ("thingsboard", "nodered")
"""What one would take otherwise."""

ASYNCUA, PAHO = "asyncua/asyncio", "paho/thread"
"""What ratios are to where the peer speaks."""

_ALL: tuple[Contender, ...] = (
    Rempart("asyncio"),
    Rempart("uvloop"),
    Bare("pymodbus", "asyncio", "bare pymodbus", frozenset(Layout)),
    Bare("points", "asyncio", "bare pymodbus, a request a point", frozenset({Layout.GATEWAY})),
    Bare("protocol", "asyncio", "bare asyncio protocol", frozenset({Layout.ENDPOINTS})),
    Bare("protocol", "uvloop", "bare protocol, uvloop", frozenset({Layout.ENDPOINTS})),
    Limit(),
    ThingsBoard(),
    NodeRed(),
    BarePushed(ASYNCUA, "bare asyncua"),
    BarePushed(PAHO, "bare paho"),
)
CONTENDERS: Mapping[str, Contender] = {it.name: it for it in _ALL}
"""By name, in the order in which they are shown."""
