"""The signed form of a report: the record, the hashes of its pages, and who signed all of it. Pure.

`report.json` is one line of canonical JSON: `form`, `record`, `language`, `files` (SHA-256 of each file's bytes, in hex) and
`signatures`. Each signature covers form, record, language and files, and also its own role, name, key and time, so that nothing
of the file can be changed under it; the file itself has one way only to be written. A signature does not cover the others: the
persons sign the same report, each for themselves, in any order.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from controller.commissioning.record import Person, Record, Words
from controller.commissioning.report import findings
from controller.commissioning.report.keys import PrivateKey, PublicKey, decoded
from controller.commissioning.report.plain import ReportError, from_plain, parse, read, text_of
from controller.journal.chain import canonical

FORM = "rempart-report/1"
JSON, HTML, PDF = "report.json", "report.html", "report.pdf"
ROLES = ("tester", "witness", "owner")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature, with what it covers besides the report; `key` and `signature` in base64."""

    role: str
    name: str
    key: str
    at: str
    signature: str


@dataclass(frozen=True, slots=True)
class Report:
    """What `report.json` says."""

    form: str
    record: Record
    language: str
    files: Mapping[str, str]
    signatures: tuple[Signature, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the one who verifies knows from elsewhere; `trusted` None: no list of keys, `keys`: these must have signed."""

    device: str = ""
    site: str = ""
    trusted: Sequence[PublicKey] | None = None
    keys: Sequence[str] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a report (nothing: it holds), and what is to be known of one that holds."""

    wrong: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def hash_of(content: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def unsigned(record: Record, language: str, files: Mapping[str, bytes]) -> Report:
    """Return the report that is to be signed. Raises ReportError for a record that cannot be read back."""
    told = from_plain(parse(text_of(record)))
    return Report(FORM, told, language, {name: hash_of(content) for name, content in files.items()})


def text(report: Report) -> str:
    """Return what stands in `report.json`."""
    return canonical(asdict(report)) + "\n"


def from_text(content: bytes) -> Report:
    """Read `report.json`. Raises ReportError for anything but the one way to write a report."""
    try:
        told = content.decode()
    except UnicodeDecodeError as error:
        raise ReportError(f"{JSON}: not UTF-8 at byte {error.start}; is it the right file, and whole?") from error
    value = parse(told, JSON)
    if isinstance(value, Mapping) and isinstance(form := value.get("form"), str) and form != FORM:
        raise ReportError(f"{JSON}: form {form!r}, this release of rempart reads {FORM}; use the release that made it")
    if isinstance(value, Mapping) and isinstance(value.get("record"), Mapping):
        from_plain(value["record"])
    report = read(Report, value, "report")
    if text(report).encode() != content:
        raise ReportError(f"{JSON}: not in the one form of canonical JSON; it was changed after it was written")
    return report


def sign(report: Report, key: PrivateKey, role: str, at: str) -> Report:
    """Return `report` with one more signature. Raises ReportError where the role, the name or the key does not fit."""
    public = key.public
    signature = Signature(role, public.name, base64.b64encode(public.raw).decode(), at, "")
    signed = base64.b64encode(key.sign(_covered(report, signature))).decode()
    made = replace(report, signatures=(*report.signatures, replace(signature, signature=signed)))
    if wrong := [*_persons(made)]:
        raise ReportError(f"not signed: {wrong[0]}")
    return made


def key_of(signature: Signature) -> PublicKey:
    """Return the key that a signature says it is by. Raises ReportError."""
    raw = decoded(signature.key, f"the key of {signature.name}")
    if len(raw) != 32:
        raise ReportError(f"the key of {signature.name}: expected 32 bytes, found {len(raw)}")
    return PublicKey(raw, signature.name)


def check(report: Report, wanted: Wanted) -> Verdict:
    """Check the signatures, and the record against what is wanted; the files' bytes are somebody else's to compare."""
    wrong = [*_signatures(report), *_persons(report), *_wanted(report, wanted)]
    return Verdict(tuple(wrong), tuple(_remarks(report, wanted)))


def _covered(report: Report, signature: Signature) -> bytes:
    told = {**asdict(replace(report, signatures=())), "signature": asdict(replace(signature, signature=""))}
    return canonical(told).encode()


def _signatures(report: Report) -> Iterator[str]:
    if not report.signatures:
        yield "nobody has signed it"
    for signature in report.signatures:
        try:
            key, raw = key_of(signature), decoded(signature.signature, f"the signature of {signature.name}")
        except ReportError as error:
            yield str(error)
            continue
        if not key.holds(raw, _covered(report, signature)):
            whose = f"the signature of {signature.name} ({signature.role})"
            yield f"{whose} does not hold: what was signed was changed, or it is forged"


def _persons(report: Report) -> Iterator[str]:
    """Yield what is wrong with who signed as what: each role once, by the person of the record, no person or key twice."""
    seen: list[Signature] = []
    for one in report.signatures:
        if one.role not in ROLES:
            yield f"{one.name} signs as {one.role!r}; expected one of {', '.join(ROLES)}"
            continue
        person = person_of(report.record, one.role)
        if person is not None and _same(person.name) != _same(one.name):
            yield f"{one.name} signs as {one.role}, but the record names {person.name} as that"
        for other in seen:
            if other.role == one.role:
                yield f"it is signed as {one.role} twice, by {other.name} and {one.name}"
            elif other.key == one.key or _same(other.name) == _same(one.name):
                yield f"{one.name} signs as {one.role} and {other.name} as {other.role}: two persons with two keys are needed"
        seen.append(one)
    if report.signatures and "tester" not in {one.role for one in report.signatures}:
        yield f"the tester, {report.record.tester.name}, has not signed it"


def person_of(record: Record, role: str) -> Person | None:
    """Return whom the record names for one of `ROLES`."""
    return {"tester": record.tester, "witness": record.witness, "owner": record.owner}[role]


def _same(name: str) -> str:
    """Upper case and blanks too many tell no two persons apart."""
    return " ".join(name.split()).casefold()


def _wanted(report: Report, wanted: Wanted) -> Iterator[str]:
    subject = report.record.subject
    for name, found, asked in (("device", subject.device, wanted.device), ("site", subject.site, wanted.site)):
        if asked and asked != found:
            yield f"it is the report of {name} {found}, not of {asked}"
    signed = {fingerprint_of(one): one for one in report.signatures}
    for fingerprint in wanted.keys:
        if fingerprint not in signed:
            yield f"it is not signed with the key {fingerprint}"
    if wanted.trusted is not None:
        names = {key.fingerprint: key.name for key in wanted.trusted}
        for fingerprint, one in signed.items():
            if fingerprint not in names:
                yield f"the key {fingerprint} of {one.name} ({one.role}) is not one of the trusted keys"
            elif _same(names[fingerprint]) != _same(one.name):
                yield f"the key {fingerprint} is {names[fingerprint]}'s, but signs as {one.name}"
    if wanted.complete:
        yield from (f"{missing} has not signed it" for missing in _missing(report))


def fingerprint_of(signature: Signature) -> str:
    """Return the fingerprint of the key that a signature names; what it has for a key where that is none."""
    try:
        return key_of(signature).fingerprint
    except ReportError:
        return signature.key


def _missing(report: Report) -> Iterator[str]:
    signed = {one.role for one in report.signatures}
    for role in ROLES[1:]:
        person = person_of(report.record, role)
        if role not in signed and (person is not None or role == "witness"):
            yield f"the {role}, {person.name}," if person else f"a {role} (the record names none)"


def _remarks(report: Report, wanted: Wanted) -> Iterator[str]:
    record = report.record
    if record.simulated or any(unit.simulated for unit in record.subject.units):
        yield "SIMULATED: part or all of the field was simulated; it accepts no real equipment"
    if record.unattended:
        yield "UNATTENDED: nobody was there"
    if not wanted.complete:
        yield from (f"{missing} has not signed it" for missing in _missing(report))
    if wanted.trusted is None and not wanted.keys:
        yield (
            "this proves only that the report is unchanged since it was signed with these keys, and not whose they are: "
            "compare the fingerprints, or give --trusted FILE or --key-of"
        )


def against(record: Record) -> tuple[Words, ...]:
    """Return what stands against a record that calls itself passed; nothing where it does not."""
    return findings.objections(record) if record.outcome.value == "passed" else ()
