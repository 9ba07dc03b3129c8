"""A site's files to a checked `Site`, or all of their problems at once, each with its file, line and column.

Nothing is repaired and nothing is guessed: what is not said, and has no default in the schema, is a problem.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import controller
from controller.config.device_checks import check_devices, device_profile
from controller.config.draft import draft as drafted
from controller.config.draft import wires, wiring
from controller.config.located import Document, Problem, read
from controller.config.missed_inputs import is_fast
from controller.config.plainwords import explain, suggest, unknown
from controller.config.profiles import Library, Loaded, shipped, shown
from controller.config.route_checks import check_routes
from controller.config.schema import (
    Acceptance,
    BeaconFile,
    BenchFile,
    DeviceFile,
    DirectionFile,
    LinkFile,
    MoverFile,
    SignalFile,
    SiteFile,
    UnitFile,
    adapter,
)
from controller.config.site import (
    Accepted,
    ConfigError,
    DeviceConfig,
    DeviceProfile,
    LinkConfig,
    Response,
    Site,
    SlowEfo,
    UnitConfig,
)
from controller.config.site_checks import Resolved, check_site, resolve
from controller.core.spec import Kind, Route
from controller.ports import Unit
from drivers.url import parse_url

__all__ = ["ConfigError", "Site", "load_site", "shipped_sites", "site_folder"]

SITE_FILE = "site.yaml"


def shipped_sites() -> Path:
    """Return the folder of the sites that come with rempart."""
    return Path(str(controller.__file__)).parent.parent / "sites"


def site_folder(name: str) -> Path:
    """Return the folder that a person means by `name`: a path, or the name of a shipped site. Raises ConfigError."""
    for path in (Path(name), shipped_sites() / name):
        if path.is_dir() and not os.access(path, os.R_OK | os.X_OK):
            text = "this folder cannot be read: permission denied; give this user permission to read and enter it"
            raise ConfigError((Problem(name, 1, 1, text),))
        if (path / SITE_FILE).is_file():
            return path
        if path.is_file():
            return path.parent
    known = sorted(path.parent.name for path in shipped_sites().glob(f"*/{SITE_FILE}"))
    near = suggest(name, known)
    text = f"no such site{near} (expected a folder with a {SITE_FILE}, or one of: {', '.join(known)})"
    raise ConfigError((Problem(name, 1, 1, text),))


def load_site(where: Path, *, bench: Path | None = None, real: Collection[str] = ()) -> Site:
    """Read and check the site in the folder or file `where`, its wires replaced by those of `bench`. Raises ConfigError.

    The links `real` are driven whether the bench names them so or leaves them out.
    """
    path = where / SITE_FILE if where.is_dir() else where
    doc = read(path, shown(path))
    library = Library([shipped(), path.parent / "profiles"])
    draft = drafted(doc)
    known = resolve(draft, library)
    problems = [*draft.problems, *check_site(known), *check_devices(known), *check_routes(known)]
    profiles = [loaded for loaded in library.loaded.values() if loaded is not None]
    problems += [problem for loaded in profiles for problem in loaded.problems]
    stand_ins = _Bench(bench, known, real) if bench is not None else None
    if stand_ins is not None:
        problems += stand_ins.problems
    if problems or draft.whole is None:
        raise ConfigError(tuple(sorted(set(problems))))
    return _built(path.parent, draft.whole, known, stand_ins)


class _Bench:
    """A bench file: where each link's simulator listens, and which links are real."""

    def __init__(self, path: Path, known: Resolved, real: Collection[str]) -> None:
        self.doc = read(path, shown(path))
        self.problems: list[Problem] = list(self.doc.problems)
        self.urls: dict[str, str] = {}
        self.real = set(real)
        self.control = ""
        if self.doc.data is None:
            return
        try:
            file: BenchFile = adapter("bench").validate_json(json.dumps(self.doc.data), strict=True)
        except ValidationError as error:
            self.problems += explain(error, self.doc, adapter("bench").json_schema())
            return
        self.urls = {name: link.url for name, link in file.links.items() if link.url}
        self.real |= {name for name, link in file.links.items() if link.real}
        self.control = file.control
        self.problems += self._check(known)

    def _check(self, known: Resolved) -> Iterator[Problem]:
        links = known.draft.names.get("links")
        for name in sorted(self.real - set(self.urls)):
            if links is not None and name not in links:
                yield self.doc.problem(("links", name), unknown("links: the real link", name, links), key=True)
        for name, url in self.urls.items():
            if links is not None and name not in links:
                yield self.doc.problem(("links", name), unknown("links: the link", name, links), key=True)
                continue
            try:
                scheme = parse_url(url).scheme
            except ValueError as error:
                yield self.doc.problem(("links", name, "url"), f"links.{name}.url: {error}")
                continue
            real = known.urls.get(name)
            if real is not None and scheme != real.scheme:
                text = f"links.{name}.url: the site's link speaks {real.scheme}://, the bench's {scheme}://"
                yield self.doc.problem(("links", name, "url"), text)
        yield from self._real_steel(known)

    def _real_steel(self, known: Resolved) -> Iterator[Problem]:
        """Nothing that is called simulated may reach the field: every link has its stand-in, and none is the real wire.

        A link is real only where somebody says so.
        """
        peers = {(url.host.lower(), url.port, url.path): name for name, url in known.urls.items()}
        for name, text in self.urls.items():
            try:
                url = parse_url(text)
            except ValueError:
                continue
            real = peers.get((url.host.lower(), url.port, url.path))
            if real is not None and name not in self.real:
                yield self.doc.problem(
                    ("links", name, "url"), f"links.{name}.url: is the real wire of the link `{real}`"
                )
        for name in sorted(set(known.draft.links) - set(self.urls) - self.real):
            text_ = (
                f"links: `{name}` has no stand-in, so a simulated site would drive its real equipment: add it, or say that "
                f"you mean it with `{name}: {{real: true}}` or `--real {name}`"
            )
            yield self.doc.problem(("links",), text_, key=True)


def _built(folder: Path, file: SiteFile, known: Resolved, bench: _Bench | None) -> Site:
    urls: Mapping[str, str] = bench.urls if bench is not None else {}
    real = set(file.links) if bench is None else bench.real
    links = {
        name: LinkConfig(name, urls.get(name, link.url), link.poll_s, simulated=name not in real)
        for name, link in file.links.items()
    }
    units = {
        name: UnitConfig(_unit(name, unit, file.links[unit.link], known), known.profiles[name])
        for name, unit in file.units.items()
    }
    loaded = [item for item in known.library.loaded.values() if item is not None]
    docs = [known.draft.doc, *([bench.doc] if bench is not None else [])]
    return Site(
        name=file.site,
        title=file.title,
        folder=folder,
        timezone=file.timezone,
        zones={name: zone.title for name, zone in file.zones.items()},
        links=links,
        units=units,
        devices={name: _device(name, device, known) for name, device in file.devices.items()},
        routes={name: Route(title=r.title, points=r.points, hold_s=r.hold_s) for name, r in file.routes.items()},
        simulated=any(link.simulated for link in links.values()),
        control=bench.control if bench is not None else "",
        source=_digest(docs, loaded),
    )


def _unit(name: str, unit: UnitFile, link: LinkFile, known: Resolved) -> Unit:
    """Return the unit as its profile describes it, with the patience of its link where that is said."""
    made = known.profiles[name].unit(name, unit.link, unit.address, unit.expect)
    return made if link.patience_s is None else replace(made, options={**made.options, "patience_s": link.patience_s})


def _device(name: str, device: DeviceFile, known: Resolved) -> DeviceConfig:
    profile = device_profile(known, device)
    return DeviceConfig(
        id=name,
        kind=Kind(device.kind),
        title=device.title,
        zone=device.zone,
        profile=profile,
        wiring={signal: tuple(_wire(ref) for ref in refs) for signal, refs in wiring(device.wiring).items()},
        **(_interlocks(device) if isinstance(device, MoverFile) else {}),
        follows=device.follows if isinstance(device, SignalFile) else "",
        warns=device.warns if isinstance(device, BeaconFile) else (),
        missed_inputs_accepted=_accepted(_missed(name, device, known)),
        **_sensing(device, profile),
    )


def _missed(name: str, device: DeviceFile, known: Resolved) -> Acceptance | None:
    """Return who accepted that an input of this device may be missed, if one can be (R38)."""
    units = [known.draft.units[wire.unit] for wire in wires(known.draft, name, device) if is_fast(known, wire)]
    accepted = (known.draft.links[unit.link].missed_inputs_accepted for unit in units)
    return next((one for one in accepted if one is not None), None)


def _sensing(device: DeviceFile, profile: DeviceProfile | None) -> dict[str, Any]:
    """Return what the site says of a sensor or, where it says nothing, its profile."""
    names = ("presence_limit_min", "absence_limit_h", "overspeed_kmh", "means")
    given = {name: getattr(device, name, None) for name in names}
    said = {name: getattr(profile, name, None) if value is None else value for name, value in given.items()}
    return {**said, "entry": device.entry, "exit": device.exit} if isinstance(device, DirectionFile) else said


def _interlocks(device: MoverFile) -> dict[str, Any]:
    response, slow = device.response, device.slow_efo
    return {
        "presence": device.presence,
        "no_presence_accepted": _accepted(device.no_presence_accepted),
        "airlock_with": device.airlock_with or "",
        "no_show_s": device.no_show_s,
        "warning": device.warning or "",
        "no_warning_accepted": _accepted(device.no_warning_accepted),
        "traffic": device.traffic or "",
        "mains": device.mains or "",
        "efo_ignores_presence_accepted": _accepted(device.efo_ignores_presence_accepted),
        "slow_efo": SlowEfo(slow.within_s, _signed(slow.accepted)) if slow is not None else None,
        "response": Response(response.reaction_s, response.deployment_s, _accepted(response.approved))
        if response is not None
        else None,
    }


def _accepted(given: Acceptance | None) -> Accepted | None:
    return None if given is None else _signed(given)


def _signed(given: Acceptance) -> Accepted:
    return Accepted(given.who, given.when, given.why)


def _wire(ref: str) -> tuple[str, str]:
    unit, _, point = ref.partition(".")
    return unit, point


def _digest(docs: Sequence[Document], profiles: Sequence[Loaded]) -> str:
    """Hash every file by its bare name and content, so that the same site gives the same digest on every machine."""
    contents = sorted((Path(doc.path).name, doc.content) for doc in [*docs, *(loaded.doc for loaded in profiles)])
    digest = hashlib.sha256()
    for name, content in contents:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
