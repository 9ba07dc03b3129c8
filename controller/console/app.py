"""The console, put together: pages behind a guard, and the picture that they share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from controller.console import live
from controller.console.guard import Guard
from controller.console.pages import PAGES
from controller.console.pages.common import to_login
from controller.console.parts import Parts
from controller.console.picture import Picture
from controller.console.rendering import page, problem
from controller.console.standing import Standing
from controller.console.upstream import Answered, Busy, Unreachable, Upstream, Where
from controller.console.visitor import spoken
from controller.console.words import tongue
from controller.heartbeat import Notifier, beat


def _(message: str) -> str:
    return message


TOO_MANY = _("Too many pages ask at this moment: try again in a few seconds.")

STATIC = Path(__file__).parent / "static"


def build_console(where: Where) -> Starlette:
    """Make the application that shows the site of the controller at `where`; its lifespan has to be run."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None, None]:
        async with Upstream(where) as upstream:
            app.state.upstream = upstream
            app.state.picture = Picture(upstream)
            app.state.parts = Parts()
            app.state.standing = Standing(upstream)
            notifier = Notifier.from_environment()
            keeping = asyncio.create_task(app.state.picture.run(), name="picture")
            told = partial(_status, app.state.picture)
            beating = asyncio.create_task(beat(notifier, lambda: not keeping.done(), told), name="heartbeat")
            notifier.ready(told())
            try:
                yield
            finally:
                notifier.stopping()
                keeping.cancel()
                beating.cancel()
                await asyncio.gather(keeping, beating, return_exceptions=True)
                notifier.close()

    routes = [
        Route("/healthz", healthz),
        Route("/events", live.events),
        Route("/manifest.webmanifest", _static("manifest.webmanifest", "application/manifest+json")),
        Route("/sw.js", _static("sw.js", "text/javascript")),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
        *PAGES,
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard)],
        exception_handlers={Busy: _busy, Unreachable: _unreachable, Answered: _answered, 404: _nowhere},
        lifespan=lifespan,
    )


def _status(picture: Picture) -> str:
    return f"{picture.followers} pages are open"


async def healthz(_: Request) -> Response:
    """Answer at all, which says that the process lives and its loop turns."""
    return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})


def _static(name: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    async def sent(_: Request) -> Response:
        return FileResponse(STATIC / name, media_type=kind, headers={"Cache-Control": "no-cache"})

    return sent


async def _busy(request: Request, _: Exception) -> Response:
    answer = page(request, "problem", None, 429, message=tongue(spoken(request)).say(TOO_MANY))
    answer.headers["Retry-After"] = "2"
    return answer


async def _unreachable(request: Request, error: Exception) -> Response:
    return page(request, "unreachable", None, 503, why=str(error))


async def _answered(request: Request, error: Exception) -> Response:
    if isinstance(error, Answered) and error.status == 401:
        return to_login(request, request.url.path if request.method == "GET" else "/")
    status = error.status if isinstance(error, Answered) else 500
    told = error.body.get("error", {}) if isinstance(error, Answered) else {}
    return problem(request, status, told.get("code", ""), {"message": str(error), **told})


async def _nowhere(request: Request, _: Exception) -> Response:
    return page(request, "problem", None, 404, message="")
