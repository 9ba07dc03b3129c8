"""The control service: one asyncio process per protected site."""
