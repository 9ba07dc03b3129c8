"""`rempart journal`: shows, verifies and exports the record of what happened. Reads the file; needs no controller."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from controller.cli import sites
from controller.cli.exits import Exit, Failure
from controller.journal import Head, export, read, verify
from controller.ports import Record
from controller.statefolder import JOURNAL

FOLLOW_S = 0.5
PAGE = 500
KINDS = (
    "alarm",
    "command",
    "device",
    "journal-recovered",
    "mode",
    "passage",
    "people",
    "service",
    "turned-away",
    "unit",
)
HEADER = f"{'seq':>6} {'time (UTC)':<19} {'kind':<8} device, order, particulars"
SHORT_ID = 12
"""The end of an order's id, which tells it from its neighbours; `--json` has it whole."""


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    where = ArgumentParser(add_help=False)
    where.add_argument(
        "site", metavar="SITE", nargs="?", default="", help="whose journal (default: of the controller that runs here)"
    )
    where.add_argument("--state", metavar="DIR", type=Path, help="state folder, or a copy of it, to read it from")
    parts = parser.add_subparsers(metavar="show | verify | export", required=True, dest="part")
    show = parts.add_parser("show", parents=[where], help="the last records", description="Show the last records.")
    show.add_argument("--device", metavar="ID", default="", help="only of this device")
    show.add_argument("--kind", metavar="KIND", type=_kind, default="", help=f"only of this kind: {', '.join(KINDS)}")
    show.add_argument("--limit", metavar="N", type=_count, default=20, help="how many (20)")
    show.add_argument("--follow", action="store_true", help="go on with what comes")
    show.add_argument("--json", action="store_true", help="print one JSON object a line")
    check = parts.add_parser("verify", parents=[where], help="is it whole?", description="Check the whole chain.")
    check.add_argument("--head", metavar="SEQ:HASH", type=_head, help="a head noted earlier, which must be in it")
    check.add_argument("--json", action="store_true", help="print the verdict as JSON")
    out = parts.add_parser("export", parents=[where], help="all of it", description="Write all records.")
    out.add_argument("--format", choices=("json", "csv"), default="json", help="one JSON object a line, or CSV (json)")
    out.add_argument("--out", metavar="FILE", type=Path, help="file to write instead of stdout")


def run(given: Namespace) -> Exit:
    """Read the journal that is meant."""
    path = journal_file(given.site, given.state)
    parts = {"show": _show, "verify": _verify, "export": _export}
    return parts[given.part](path, given)


def journal_file(site: str, state: Path | None) -> Path:
    """Return the journal of a site, of a state folder, or of the controller that runs here. Raises Failure."""
    if state is not None and state.is_file():
        return state
    return sites.state_folder(site, state, "journal", "a SITE or --state") / JOURNAL


def _show(path: Path, given: Namespace) -> Exit:
    records = read(path, limit=given.limit, device=given.device, kind=given.kind, newest=True)
    if given.device and not records and not read(path, limit=1, device=given.device):
        print(f"no record of {given.device}", file=sys.stderr)
    if not given.json:
        print(HEADER)
    _print(records, as_json=given.json)
    if not given.follow:
        return Exit.DONE
    last = records[-1].seq if records else 0
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(FOLLOW_S)
            records = read(path, last, PAGE, device=given.device, kind=given.kind)
            _print(records, as_json=given.json)
            last = records[-1].seq if records else last
    return Exit.DONE


def _print(records: Sequence[Record], *, as_json: bool) -> None:
    for record in records:
        print(_json(record) if as_json else _line(record))
    sys.stdout.flush()


def _json(record: Record) -> str:
    entry = record.entry
    told = {"seq": record.seq, "at": record.at, "kind": entry.kind, "device": entry.device, "command": entry.command}
    return json.dumps({**told, "body": dict(entry.body), "hash": record.hash}, ensure_ascii=False)


def _line(record: Record) -> str:
    entry = record.entry
    at = record.at.replace("T", " ")[:19]
    names = " ".join(name for name in (entry.device, _order(entry.command, entry.device)) if name)
    told = {key: value for key, value in entry.body.items() if value not in ("", [], None, entry.device)}
    if "members" in told:
        told["members"] = ",".join(str(member).removeprefix(f"{entry.command}:") for member in told["members"])
    particulars = " ".join(f"{key}={_short(value)}" for key, value in told.items())
    return f"{record.seq:>6} {at} {entry.kind:<8} {names} {particulars}".rstrip()


def _order(name: str, device: str = "") -> str:
    """Shorten the id of an order; a zone's member is `ID:DEVICE`, where the device may have been told already."""
    order, colon, member = name.partition(":")
    return order[-SHORT_ID:] + ("" if member == device else f"{colon}{member}")


def _short(value: object) -> str:
    return value if isinstance(value, str) and " " not in value else json.dumps(value, ensure_ascii=False)


def _verify(path: Path, given: Namespace) -> Exit:
    verdict = verify(path, given.head)
    if given.json:
        told = {"ok": verdict.ok, "records": verdict.records, "first_bad": verdict.first_bad_seq, "why": verdict.why}
        print(json.dumps({**told, "head": {"seq": verdict.head.seq, "hash": verdict.head.hash}}))
    elif verdict.ok:
        print(f"{path}: {verdict.records} records, the chain is whole; head {verdict.head.seq}:{verdict.head.hash}")
    else:
        print(f"{path}: {verdict.why}", file=sys.stderr)
    return Exit.DONE if verdict.ok else Exit.FAILED


def _export(path: Path, given: Namespace) -> Exit:
    if given.out is None:
        export(path, sys.stdout, format=given.format)
        return Exit.DONE
    try:
        with given.out.open("w", encoding="utf-8", newline="") as out:
            number = export(path, out, format=given.format)
    except OSError as error:
        raise Failure(Exit.FAILED, f"{given.out}: cannot be written: {error.strerror}") from error
    print(f"{given.out}: {number} records", file=sys.stderr)
    return Exit.DONE


def _kind(text: str) -> str:
    if text and text not in KINDS:
        raise ArgumentTypeError(f"expected one of {', '.join(KINDS)}, found {text!r}")
    return text


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ArgumentTypeError(f"{text}: expected a number")
    return int(text)


def _head(text: str) -> Head:
    seq, _, digest = text.partition(":")
    if not (seq.isascii() and seq.isdigit() and len(digest) == 64):
        raise ArgumentTypeError(f"{text}: expected SEQ:HASH as `rempart journal verify` prints it")
    return Head(int(seq), digest)
