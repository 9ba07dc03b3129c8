"""What stands before every route: whom the request was meant for, who asks, and how much is sent. Default deny.

Who asks comes with a token: one of the two of the machine itself, that of a person's session, or that of a program. What each may
do is in `permits`. A browser is kept from using them by the check of the Host header: a page of a foreign site
that makes its own name point to 127.0.0.1 still sends that name (DNS rebinding).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from controller.api.answers import Problem, problem
from controller.people.credential import OPERATOR, SUPERVISOR, Credential
from controller.people.reception import Reception

__all__ = ["OPERATOR", "SUPERVISOR", "Gate", "address", "credential", "unauthorised"]

_SCOPE = "rempart.credential"

OPEN = frozenset(
    {("GET", "/healthz"), ("HEAD", "/healthz"), ("POST", "/api/v1/sessions"), ("POST", "/api/v1/sessions/first")}
)
"""What answers without a token."""

BODY_MAX = 64 * 1024
"""How many bytes a request may carry; a command takes less than 1 KiB."""

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Gate:
    """An ASGI application around another one that lets through only what may pass."""

    def __init__(self, app: ASGIApp, credentials: Mapping[str, Credential], reception: Reception | None = None) -> None:
        """`credentials` are the machine's own; who else has a token is known to the `reception`."""
        self._app, self._reception = app, reception
        self._credentials = {token.encode(): credential for token, credential in credentials.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with what is wrong."""
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is served here, not {scope['type']}")
        try:
            self._check(scope)
        except Problem as error:
            await problem(error)(scope, receive, send)
            return
        await self._app(scope, _limited(receive), send)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        _check_host(scope, headers)
        if (scope["method"], scope["path"]) not in OPEN:
            scope[_SCOPE] = self._of_token(headers)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > BODY_MAX:
            raise _too_large()

    def _of_token(self, headers: Headers) -> Credential:
        given = headers.getlist("authorization")
        if len(given) != 1:
            raise unauthorised("no token was sent" if not given else "more than one Authorization header was sent", "")
        scheme, _, token = given[0].partition(" ")
        if scheme.lower() != "bearer":
            raise unauthorised(f"the scheme {scheme[:20]!r} is not Bearer", "")
        # Every token is compared, so that the time tells nothing about which.
        matches = [c for known, c in self._credentials.items() if hmac.compare_digest(token.strip().encode(), known)]
        if matches:
            return matches[0]
        found = self._reception.credential(token.strip()) if self._reception is not None else None
        if found is None:
            why = "this is not the token of this controller, or of a session that has not ended"
            raise unauthorised(why, ', error="invalid_token"')
        return found


def credential(scope: Scope) -> Credential:
    """Return who sent a request that has passed the gate."""
    found: Credential = scope[_SCOPE]
    return found


def address(scope: Scope) -> str:
    """Return where a request comes from: the peer's address, or what the console says, which comes by the unix socket."""
    if not _by_unix(scope):
        return str(scope["client"][0]) if scope.get("client") else ""
    said = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).rpartition(",")[2].strip()
    try:
        return str(ip_address(said))
    except ValueError:
        return "this machine"


def unauthorised(why: str, error: str) -> Problem:
    """Make the answer to who has not proven to be anybody; `error` goes on with the header."""
    return Problem(
        401,
        "unauthorised",
        f"{why}; send `Authorization: Bearer TOKEN`, with the token of a session (POST /api/v1/sessions) or of a program, or "
        "the one that is in the file `token` (a supervisor: `supervisor-token`) of the controller's state folder (the "
        "rempart command finds it by itself)",
        {"WWW-Authenticate": f'Bearer realm="rempart"{error}'},
    )


def _check_host(scope: Scope, headers: Headers) -> None:
    if _by_unix(scope):
        return  # no browser gets there
    hosts = headers.getlist("host")
    if len(hosts) == 1 and _name(hosts[0]) in LOOPBACK_NAMES:
        return
    named = ", ".join(hosts) or "none"
    raise Problem(
        421, "wrong-host", f"the Host header is {named}; expected localhost, 127.0.0.1 or [::1]: use one of these names"
    )


def _by_unix(scope: Scope) -> bool:
    server = scope.get("server")
    return server is not None and server[1] is None


def _name(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name.lower() if colon and port.isdecimal() else host.lower()


def _too_large() -> Problem:
    return Problem(413, "too-large", f"the body is too large; at most {BODY_MAX} bytes are taken")


def _limited(receive: Receive) -> Receive:
    """Count what comes, for a body whose length nobody said."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY_MAX:
            raise _too_large()
        return message

    return counted
