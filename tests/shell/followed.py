"""The events of a stream one by one, for a test that waits for one of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from controller.stream import Stream, StreamEvent


async def followed(stream: Stream, last_id: str = "") -> AsyncGenerator[StreamEvent, None]:
    """Yield what comes, after what was missed since `last_id`, until the stream is closed."""
    follower = stream.follower(last_id)
    while upcoming := await follower.batch():
        for event in upcoming:
            yield event
