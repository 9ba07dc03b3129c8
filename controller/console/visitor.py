"""Who looks at a page: their session at the controller, in a cookie that no script can read, and what proves a form ours."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from controller.console.upstream import Answered, Upstream
from controller.console.words import LANGUAGES, PSEUDO, Tongue, preferred, tongue

LANGUAGE_COOKIE = "rempart-language"
"""One for all consoles of a host: it is what their reader reads."""
SOON = timedelta(minutes=15)
"""How long before its end somebody is told that their session ends."""
FIELD, HEADER = "proof", "X-Rempart-Proof"
"""Where a form, and a script, carry the proof that they come from a page of this console."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a session: `token` is theirs at the controller, `permissions` what the controller says that they may.

    `expires` (RFC 3339) is when it ends if it is used no more.
    """

    token: str
    user: str
    role: str
    tongue: Tongue
    demo: bool = False
    permissions: frozenset[str] = field(default_factory=frozenset)
    expires: str = ""

    @property
    def ends(self) -> str:
        """Return when the session ends, where that is soon however much it is used; nothing otherwise."""
        soon = self.expires and datetime.fromisoformat(self.expires) - datetime.now(UTC) <= SOON
        return self.expires if soon else ""

    @property
    def proof(self) -> str:
        """Return what every form carries: it follows from the session, and nobody without the session can make it."""
        return hmac.new(self.token.encode(), b"rempart-console-form", hashlib.sha256).hexdigest()

    def proves(self, given: str) -> bool:
        """Tell whether `given` is the proof of this session."""
        return hmac.compare_digest(given.encode(), self.proof.encode())

    def may(self, permission: str) -> bool:
        """Tell whether the controller would let them; it decides itself again."""
        return permission in self.permissions


def session_cookie(request: Request) -> str:
    """Return the name of the cookie with the session at this console: its port as the browser sees it is part of it.

    Browsers send the cookies of a host to every port of it, so that under one name two consoles would throw each other's
    sessions out. The port is taken from where the browser asked, which a proxy or a tunnel may have made another one.
    """
    port = request.headers.get("host", "").rpartition(":")[2]
    if not (port.isascii() and port.isdecimal()):
        port = "443" if request.url.scheme == "https" else "80"
    return f"rempart-session-{port}"


async def visitor(request: Request, upstream: Upstream) -> Visitor | None:
    """Return who sent a request; None for nobody with a session. Raises Unreachable, Answered."""
    token = request.cookies.get(session_cookie(request), "")
    if not token or not token.isascii():
        return None
    try:
        told = await upstream.ask("GET", "/sessions/current", token, ahead=request.method == "POST")
    except Answered as error:
        if error.status == 401:
            return None
        raise
    return of_session(token, told, request)


def of_session(token: str, told: Mapping[str, Any], request: Request) -> Visitor:
    """Make a visitor of what the controller tells of a session."""
    language = PSEUDO if request.cookies.get(LANGUAGE_COOKIE) == PSEUDO else told.get("language") or spoken(request)
    return Visitor(
        token=token,
        user=told["user"],
        role=told["role"],
        tongue=tongue(language),
        demo=bool(told.get("demo")),
        permissions=frozenset(told.get("permissions", ())),
        expires=told.get("expires") or "",
    )


def spoken(request: Request) -> str:
    """Return the language of somebody whom nobody knows yet."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in (*LANGUAGES, PSEUDO) else preferred(request.headers.get("accept-language", ""))


def remember(response: Response, language: str) -> None:
    """Have the browser remember a language, for pages on which nobody is known yet."""
    response.set_cookie(LANGUAGE_COOKIE, language, httponly=True, samesite="strict", max_age=365 * 86400)


def let_in(response: Response, request: Request, token: str) -> None:
    """Give the browser its session: for this site only, for no script, and over TLS only where there is TLS."""
    secure = request.url.scheme == "https"
    response.set_cookie(session_cookie(request), token, httponly=True, samesite="strict", secure=secure, path="/")


def let_out(response: Response, request: Request) -> None:
    """Take the browser's session away."""
    response.delete_cookie(session_cookie(request), path="/", httponly=True, samesite="strict")
