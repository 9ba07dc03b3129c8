"""What a PLC such as an S7-1500 makes of a client's wishes.

It publishes and samples no faster than it is set to, whatever is asked (ET 200AL manual, p. 1346-1347, e.g. 200 ms and 250 ms),
and watches so many items for a subscription and no more (a dealer's page: 1000 on a CPU 1515, 2000 on a 1516, 5000 on a 1517,
10000 on a 1518).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from asyncua import ua
from asyncua.server.server import Server
from asyncua.ua.status_codes import StatusCodes


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and items of one subscription; None where there is no limit."""

    min_publish_s: float | None = None
    min_sampling_s: float | None = None
    max_items: int | None = None


def brake(server: Server, limits: Limits) -> None:
    """Let a server that is not started yet keep to its limits."""
    service = server.iserver.subscription_service
    taken: Counter[int] = Counter()
    create_subscription, create_items = service.create_subscription, service.create_monitored_items

    async def subscribed(wish: ua.CreateSubscriptionParameters, *rest: Any, **more: Any) -> ua.CreateSubscriptionResult:
        if limits.min_publish_s is not None:
            wish.RequestedPublishingInterval = max(wish.RequestedPublishingInterval, limits.min_publish_s * 1000)
        return await create_subscription(wish, *rest, **more)

    async def watched(wish: ua.CreateMonitoredItemsParameters) -> list[ua.MonitoredItemCreateResult]:
        items = list(wish.ItemsToCreate)
        room = len(items) if limits.max_items is None else max(0, limits.max_items - taken[wish.SubscriptionId])
        wish.ItemsToCreate = items[:room]
        results = list(await create_items(wish))
        taken[wish.SubscriptionId] += len(results)
        if limits.min_sampling_s is not None:
            for result in results:
                result.RevisedSamplingInterval = max(result.RevisedSamplingInterval, limits.min_sampling_s * 1000)
        return results + [_too_many() for _ in items[room:]]

    service.create_subscription = subscribed  # type: ignore[method-assign, assignment]
    service.create_monitored_items = watched  # type: ignore[method-assign, assignment]


def _too_many() -> ua.MonitoredItemCreateResult:
    return ua.MonitoredItemCreateResult(StatusCode=ua.StatusCode(ua.UInt32(StatusCodes.BadTooManyMonitoredItems)))
