"""`rempart report`: signs, verifies, shows and translates acceptance reports. Needs nothing but the report's own files."""

from __future__ import annotations

import getpass
import json
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from controller.cli.exits import Exit, Failure
from controller.commissioning import report as reports
from controller.commissioning.report import keys, seal
from controller.commissioning.report.contents import document
from controller.commissioning.report.document import visible
from controller.commissioning.report.terminal import lines
from controller.commissioning.texts import LANGUAGES, Texts
from controller.journal.chain import storable

WIDTH_MOST = 120


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    key = parts.add_parser("key", help="your key", description="Print your public key; make it on first use.")
    key.add_argument("--name", metavar="NAME", default="", help="your name, for a new key")
    _key_option(key)
    key.add_argument("--passphrase", action="store_true", help="ask for a passphrase for a new key")
    sign = parts.add_parser("sign", help="sign as a witness", description="Add your signature to a report that holds.")
    sign.add_argument("report", metavar="FOLDER", type=Path, help="the report's folder")
    sign.add_argument("--as", dest="role", choices=seal.ROLES[1:], default="witness", help="as what (witness)")
    _key_option(sign)
    verify = parts.add_parser("verify", help="does it hold?", description="Check a report, and tell who signed it.")
    verify.add_argument("report", metavar="F", type=Path, help="a report's folder, its .json, or a page beside it")
    verify.add_argument("--device", metavar="D", default="", help="it must be of this device")
    verify.add_argument("--site", metavar="S", default="", help="it must be of this site")
    verify.add_argument(
        "--trusted", metavar="FILE", type=Path, help="all who signed must be in this list of public keys"
    )
    verify.add_argument(
        "--key-of",
        metavar="KEY",
        action="append",
        default=[],
        help="a public key's file, or a fingerprint, that must have signed",
    )
    verify.add_argument(
        "--complete", action="store_true", help="everybody whom the record names must have signed, and a witness"
    )
    verify.add_argument("--json", action="store_true", help="print what was found as JSON")
    show = parts.add_parser(
        "show", help="read it here", description="Print a report for a terminal; verifies it first."
    )
    render = parts.add_parser("render", help="in another language", description="Draw unsigned pages of a report.")
    for each in (show, render):
        each.add_argument("report", metavar="F", type=Path, help="a report's folder, its .json, or a page beside it")
        each.add_argument("--language", choices=LANGUAGES, help="in this language (the report's own)")
    render.add_argument("--out", metavar="FOLDER", type=Path, required=True, help="a new folder for the pages")


def _key_option(parser: ArgumentParser) -> None:
    parser.add_argument("--key", metavar="FILE", type=Path, help="your private key (in your state folder)")


def run(given: Namespace) -> Exit:
    """Do the part that is meant."""
    parts = {"key": _key, "sign": _sign, "verify": _verify, "show": _show, "render": _render}
    return parts[given.part](given)


def now() -> str:
    """Return the time of a signature."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def own_key(path: Path | None) -> keys.PrivateKey:
    """Return the key of whoever sits here, from `path` or the usual place. Raises ReportError."""
    return keys.load(path or keys.default_path(), getpass.getpass)


def _key(given: Namespace) -> Exit:
    path = given.key or keys.default_path()
    if path.exists() or path.is_symlink():
        key = own_key(path)
        if given.name and keys.checked_name(given.name) != key.public.name:
            raise Failure(Exit.USAGE, f"{path}: is the key of {key.public.name}; give --key FILE for another person's")
    elif not given.name:
        raise Failure(Exit.USAGE, f"{path}: there is no key yet; make it with --name NAME")
    else:
        key = keys.make(path, given.name, _new_passphrase() if given.passphrase else "")
        print(f"{path}: made, for you alone; keep a copy where nobody else can read it", file=sys.stderr)
    print(key.public.line)
    print(f"fingerprint {key.public.fingerprint}", file=sys.stderr)
    return Exit.DONE


def _new_passphrase() -> str:
    first = getpass.getpass("new passphrase: ")
    if not first or first != getpass.getpass("again: "):
        raise Failure(Exit.USAGE, "no passphrase, or two different ones; no key was made")
    return first


def _sign(given: Namespace) -> Exit:
    key = own_key(given.key)
    signed = reports.countersign(given.report, key, given.role, now())
    for line in _summary(signed):
        print(line)
    print(f"{given.report}: signed by {key.public.name} as {given.role}, key {key.public.fingerprint}")
    return Exit.DONE


def _verify(given: Namespace) -> Exit:
    wanted = reports.Wanted(
        device=given.device, site=given.site, keys=[each for one in given.key_of for each in _fingerprints(one)],
        trusted=None if given.trusted is None else keys.read_public(given.trusted), complete=given.complete,
    )  # fmt: skip
    found, verdict = reports.examine(reports.find(given.report), wanted)
    if given.json:
        print(storable(json.dumps(_told(found, verdict), ensure_ascii=False)))
    elif not verdict.wrong:
        _print_verdict(found, verdict)
    for line in () if given.json else verdict.wrong:
        print(f"{given.report}: {visible(line)}", file=sys.stderr)
    return Exit.FAILED if verdict.wrong else Exit.DONE


def _fingerprints(given: str) -> Sequence[str]:
    """Return the fingerprint that is given, or those of the file."""
    if given.startswith("SHA256:"):
        return (given,)
    return [key.fingerprint for key in keys.read_public(Path(given))]


def _print_verdict(found: reports.Report, verdict: reports.Verdict) -> None:
    texts = Texts("en")
    print(f"holds: record {visible(found.record.id)}, unchanged since it was signed")
    for line in _summary(found):
        print(line)
    for one in found.signatures:
        at = visible(texts.time(one.at))
        print(f"signed by {visible(one.name)} as {one.role} at {at}, key {seal.key_of(one).fingerprint}")
    for words in seal.against(found.record):
        print(f"! it says passed, but: {visible(texts.words(words))}")
    for line in verdict.remarks:
        print(f"! {visible(line)}")


def _summary(found: reports.Report) -> Iterator[str]:
    """Yield what the report is of, and its outcome."""
    record, texts = found.record, Texts("en")
    subject = record.subject
    yield f"device {visible(subject.device)} of site {visible(subject.site)}, zone {visible(subject.zone)}"
    times = visible(f"{texts.time(record.began)} to {texts.time(record.ended)}")
    yield f"tested {times}: {texts(f'outcome.{record.outcome.value}')}"
    yield "field: simulated, in part or all of it" if _simulated(found) else "field: real"


def _simulated(found: reports.Report) -> bool:
    return found.record.simulated or any(unit.simulated for unit in found.record.subject.units)


def _told(found: reports.Report, verdict: reports.Verdict) -> dict[str, object]:
    record = found.record
    return {
        "ok": not verdict.wrong,
        "wrong": verdict.wrong,
        "remarks": verdict.remarks,
        "record": record.id,
        "site": record.subject.site,
        "device": record.subject.device,
        "began": record.began,
        "ended": record.ended,
        "outcome": record.outcome.value,
        "simulated": _simulated(found),
        "unattended": record.unattended,
        "against": [Texts("en").words(words) for words in seal.against(record)],
        "signatures": [
            {"role": one.role, "name": one.name, "at": one.at, "key": seal.fingerprint_of(one)}
            for one in found.signatures
        ],
    }


def _read(given: Path) -> reports.Report:
    """Read a report to show it; what is wrong with it is said before anything of it."""
    found, verdict = reports.examine(reports.find(given), reports.Wanted())
    for line in verdict.wrong:
        print(f"! DOES NOT HOLD: {visible(line)}", file=sys.stderr)
    if verdict.wrong:
        raise Failure(Exit.FAILED, f"{given}: not shown, because it does not hold")
    return found


def _show(given: Namespace) -> Exit:
    found = _read(given.report)
    width = min(shutil.get_terminal_size().columns, WIDTH_MOST)
    for line in lines(document(found.record, given.language or _language(found)), width):
        print(line)
    return Exit.DONE


def _render(given: Namespace) -> Exit:
    found = _read(given.report)
    language = given.language or _language(found)
    reports.copy(found, given.out, language)
    print(f"{given.out}: unsigned copies in {language}: {seal.HTML}, {seal.PDF}")
    return Exit.DONE


def _language(found: reports.Report) -> str:
    """Return the report's own language; a later release may have others."""
    return found.language if found.language in LANGUAGES else LANGUAGES[0]
