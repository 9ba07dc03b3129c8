"""What a route of a site refers to: its points are movers, each once, which may be open together for as long as it is held."""

from __future__ import annotations

from collections.abc import Iterator

from controller.config.draft import is_mover
from controller.config.located import Problem
from controller.config.plainwords import unknown
from controller.config.schema import RouteFile
from controller.config.site_checks import Resolved


def check_routes(known: Resolved) -> Iterator[Problem]:
    """Return the problems of the routes."""
    draft = known.draft
    for name in draft.names.get("routes") or ():
        for section in ("zones", "devices"):
            if name in (draft.names.get(section) or ()):
                text = f"routes.{name}: a {section[:-1]} has this name too: rename one"
                yield draft.doc.problem(("routes", name), text, key=True)
    for name, route in draft.routes.items():
        for index, point in enumerate(route.points):
            yield from _check_point(known, name, route, index, point)


def _check_point(known: Resolved, name: str, route: RouteFile, index: int, point: str) -> Iterator[Problem]:
    draft, at = known.draft, ("routes", name, "points", index)
    device = draft.devices.get(point)
    if draft.lacks("devices", point):
        movers = [mover for mover, _ in draft.movers()]
        yield draft.doc.problem(at, unknown(f"routes.{name}.points: the mover", point, movers))
    elif device is not None and not is_mover(device):
        text = f"routes.{name}.points: `{point}` is a {device.kind}: expected a bollard, barrier or road blocker"
        yield draft.doc.problem(at, text)
    elif point in route.points[:index]:
        yield draft.doc.problem(at, f"routes.{name}.points: `{point}` is named twice: remove one")
    elif (other := dict(draft.movers()).get(point)) is not None and other.airlock_with in route.points[:index]:
        text = (
            f"routes.{name}.points: `{point}` and `{other.airlock_with}` are the rows of an airlock, which are never open "
            "together (PAS 69): name one of them"
        )
        yield draft.doc.problem(at, text)
