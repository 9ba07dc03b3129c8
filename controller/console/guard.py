"""What stands before every page: what a browser may do with it, and from where a form may come."""

from __future__ import annotations

import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_MAX = 64 * 1024
"""How many bytes a form may have."""

SAFE = frozenset({"GET", "HEAD"})


def policy(nonce: str) -> str:
    """Return the content security policy: what comes from here, and nothing else; styles in a page by its nonce."""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


class Guard:
    """An ASGI application around another one: adds what browsers are to keep to, and turns away forms of other sites."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with what is wrong."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", policy(nonce))
                # By which a page knows how old a pulse is that it gets.
                headers.setdefault("X-Rempart-At", f"{time.monotonic():.3f}")
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
                headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
                headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
                if scope.get("scheme") == "https":
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        if why := _foreign(scope):
            await PlainTextResponse(why, 403)(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)


def _foreign(scope: Scope) -> str:
    """Say why a request that changes something does not come from a page of ours; nothing where it does."""
    headers = Headers(scope=scope)
    if scope["method"] in SAFE:
        return ""
    length = headers.get("content-length", "")
    if not length.isdecimal() or int(length) > BODY_MAX:
        return f"a form has a length, of {BODY_MAX} bytes at most"
    site = headers.get("sec-fetch-site", "same-origin")
    if site not in ("same-origin", "none"):
        return "this form comes from another site"
    origin = headers.get("origin", "")
    if origin and origin.partition("://")[2] != headers.get("host", ""):
        return "this form comes from another site"
    return ""
