"""What operators' tools call: JSON over HTTP, a stream of events, metrics. Its contract is docs/reference/api.md."""

from __future__ import annotations

from controller.api.app import build_app
from controller.api.server import ApiServer, BindError

__all__ = ["ApiServer", "BindError", "build_app"]
