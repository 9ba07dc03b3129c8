"""`rempart commission DEVICE`: the acceptance test of a device, and its signed report."""

from __future__ import annotations

import platform
import signal
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from getpass import getpass
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any

from controller.cli import bench as simulators
from controller.cli import client, people
from controller.cli.exits import Exit, Failure
from controller.commissioning import procedure
from controller.commissioning import session as sessions
from controller.commissioning.bench import Bench, now
from controller.commissioning.desk import Desk
from controller.commissioning.hands import Aborted, Hands, Simulators, Technician
from controller.commissioning.record import Outcome, Person, Record, Subject, UnitRecord
from controller.commissioning.report import keys
from controller.commissioning.report.plain import ReportError
from controller.commissioning.session import Session
from controller.commissioning.texts import LANGUAGES, Texts
from controller.ids import uuid7
from controller.statefolder import state_path

CYCLES = 5
Told = Mapping[str, Any]
ENDS = (signal.SIGTERM, signal.SIGHUP)
EPILOG = """\
Every step is explained before it acts, and begins with your key press. Ctrl-C at any instant releases the outputs; what was
done is kept, and the same command goes on with the step that was broken off. --unattended runs on simulators
what needs nobody."""


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("device", metavar="DEVICE", nargs="?", default="", help="bollard, barrier or road blocker")
    parser.add_argument("--all", action="store_true", help="every one of the site, one after the other")
    parser.add_argument(
        "--unattended", action="store_true", help="nobody is there: simulators act, the rest is skipped"
    )
    parser.add_argument("--anew", action="store_true", help="begin anew where a test was broken off")
    parser.add_argument(
        "--cycles", metavar="N", type=_cycles, default=CYCLES, help=f"how often it is closed, opened ({CYCLES})"
    )
    parser.add_argument("--organisation", metavar="NAME", default="", help="whom the tester works for")
    parser.add_argument("--witness", metavar="NAME", default="", help="who watches the test")
    parser.add_argument(
        "--instrument", metavar="ID", action="append", default=[], help="an instrument used; again for more"
    )
    parser.add_argument("--report", metavar="DIR", type=Path, help="folder of the report (DEVICE-ID in this one)")
    parser.add_argument("--key", metavar="FILE", type=Path, help="the tester's private key (`rempart report key`)")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="language of the report (en)")
    parser.add_argument("--bench", metavar="FILE", type=Path, help="the simulators that wrote this bench file")
    people.declare(parser)
    client.declare(parser)


def _cycles(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 100):
        raise ArgumentTypeError(f"expected 1 to 100, found {text}")
    return int(text)


def run(given: Namespace) -> Exit:
    """Test one device, or all of them."""
    if bool(given.device) == given.all:
        raise Failure(Exit.USAGE, "which device? name one, or give --all")
    if not given.by:
        raise Failure(Exit.USAGE, "who tests it? give --by NAME")
    with (
        client.Client(client.find(given)) as controller,
        client.Client(client.find(given, supervisor=True)) as supervisor,
    ):
        devices = [one["id"] for one in controller.get("devices") if one["secures_by"]] if given.all else [given.device]
        worst = Exit.DONE
        for device in devices:
            worst = max(worst, _one(controller, supervisor, device, given))
            if worst is Exit.INTERRUPTED:
                break
    return worst


def _one(controller: client.Client, supervisor: client.Client, device: str, given: Namespace) -> Exit:
    site, spec, shown = (
        controller.get("site"),
        controller.get(f"devices/{device}/spec"),
        controller.get(f"devices/{device}"),
    )
    path = state_path(site["name"], None) / "commissioning" / f"{device}.json"
    session = _session(path, controller, site, shown, spec, given)
    folder = given.report or Path(f"{device}-{session.id}")
    folder = folder / device if given.all and given.report else folder
    key = _ready(session.tester.name, folder, given.key)
    hands = _hands(controller, site, given)
    bench = Bench(Desk(controller, device, given.by), spec, hands, _say, supervisor, given.cycles)
    texts = Texts(given.language)
    try:
        with _ended_by_signals():
            procedure.run(bench, session, path, texts)
    except (KeyboardInterrupt, Aborted):
        print(f"\nrempart: broken off. `rempart commission {device}` goes on", file=sys.stderr)
        return Exit.INTERRUPTED
    record = session.record(versions=_versions(site), head=_head(controller), instruments=tuple(given.instrument))
    _report(record, folder, key, given.language)
    path.unlink()
    return Exit.FAILED if record.outcome is Outcome.FAILED else Exit.DONE


def _session(
    path: Path,
    controller: client.Client,
    site: Mapping[str, Any],
    shown: Mapping[str, Any],
    spec: Mapping[str, Any],
    given: Namespace,
) -> Session:
    """Return the test that was broken off, or a new one. Raises Failure."""
    kept = None if given.anew else sessions.load(path)
    if kept is not None:
        _same(kept, site, given, path)
        done = ", ".join(step.id for step in kept.finished) or "nothing yet"
        _say(f"going on with the test of {kept.began} by {kept.tester.name}: done are {done}")
        return kept
    return Session(
        id=uuid7(time.time_ns() // 1_000_000),
        subject=_subject(Desk(controller, str(shown["id"]), given.by), site, shown, spec),
        began=now(),
        tester=Person(given.by, given.organisation),
        witness=Person(given.witness) if given.witness else None,
        unattended=given.unattended,
        simulated=bool(shown["simulated"]),
    )


def _same(kept: Session, site: Told, given: Namespace, path: Path) -> None:
    wrong = ""
    if kept.subject.revision != site["revision"]:
        wrong = "the site's files have changed since"
    elif kept.tester.name != given.by:
        wrong = f"it is {kept.tester.name}'s"
    elif kept.unattended != given.unattended:
        wrong = "it was begun " + ("without anybody there" if kept.unattended else "with somebody there")
    if wrong:
        raise Failure(Exit.USAGE, f"{path}: a test of {kept.began} was broken off, and {wrong}: begin anew with --anew")


def _subject(desk: Desk, site: Mapping[str, Any], shown: Mapping[str, Any], spec: Mapping[str, Any]) -> Subject:
    wired = desk.wired()
    units = {unit["id"]: unit for unit, _, _ in wired}
    return Subject(
        site=site["name"],
        site_title=site["title"],
        revision=site["revision"],
        device=shown["id"],
        kind=shown["kind"],
        title=shown["title"],
        zone=shown["zone"],
        profile=spec["profile"],
        wiring={signal: f"{unit['id']}.{point['id']}" for unit, point, signal in wired},
        units=tuple(
            UnitRecord(name, unit["profile"], unit["link"], unit["simulated"], unit["identity"])
            for name, unit in units.items()
        ),
        accepted_risks=tuple(spec["accepted_risks"]),
    )


def _hands(controller: client.Client, site: Told, given: Namespace) -> Hands:
    if not given.unattended:
        return Technician()
    devices = controller.get("devices")
    control = simulators.find(given.bench, site["name"]) if site["simulated"] else None
    return Simulators(control, frozenset(one["id"] for one in devices if one["simulated"]))


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let a request to end, and a terminal that hangs up, end the test as Ctrl-C does: in order."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _versions(site: Told) -> dict[str, str]:
    return {"rempart": site["version"], "commission": version("rempart"), "python": platform.python_version()}


def _head(controller: client.Client) -> str:
    records = controller.get("journal", newest="true", limit=1)["records"]
    return f"{records[-1]['seq']}:{records[-1]['hash']}" if records else ""


def _ready(tester: str, folder: Path, key: Path | None) -> keys.PrivateKey:
    """Return the key that will sign, before anything moves: nobody wants to learn afterwards that it cannot. Raises Failure."""
    try:
        found = _key(tester, key)
        if found.public.name != tester:
            raise ReportError(f"the key is {found.public.name}'s, and the tester is {tester}: give --key, or --by")
        if folder.exists() and any(folder.iterdir()):
            raise ReportError(f"{folder}: is not empty, and a report is never overwritten; give a new folder")
    except (ReportError, OSError) as error:
        raise Failure(Exit.USAGE, f"nothing was begun: {error}") from error
    return found


def _report(record: Record, folder: Path, key: keys.PrivateKey, language: str) -> None:
    from controller.commissioning.report import folder as reports

    try:
        reports.issue(record, folder, key, now(), language)
    except ReportError as error:
        raise Failure(
            Exit.FAILED,
            f"the report cannot be written: {error}; what was found is kept, and the same command tries again",
        ) from error
    _say(f"{record.subject.device}: {record.outcome}; {len(record.defects)} defects; report in {folder}")
    for defect in record.defects:
        _say(f"  {defect.step}: {Texts(language).words(defect.text)}")


def _key(name: str, path: Path | None) -> keys.PrivateKey:
    """Return the tester's key; the first test of a person makes it. Raises ReportError."""
    where = path or keys.default_path()
    if path is None and not where.exists():
        made = keys.make(where, name)
        _say(f"made the key of {name}, which signs the reports: {where} ({made.public.fingerprint})")
        return made
    return keys.load(where, getpass)


def _say(line: str) -> None:
    print(line, flush=True)
