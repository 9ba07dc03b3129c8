"""`rempart check`: is this site file, or this profile, right? Every mistake at once, as `path:line:column: message`.

What may a device of the site not do?
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from controller.cli import sites, words
from controller.cli.exits import Exit, Failure

if TYPE_CHECKING:
    from controller.config.located import Problem

SCHEMAS = ("site", "profile")


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("site", metavar="SITE", nargs="?", help=sites.SITE_HELP)
    parser.add_argument("--bench", metavar="FILE", type=Path, help="check it with this bench file")
    parser.add_argument(
        "--profile", metavar="FILE", help="check one profile without a site: a file, or the name of a shipped one"
    )
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    parser.add_argument(
        "--explain", metavar="DEVICE", help="print every rule that can forbid it to move, and on what it hangs"
    )
    parser.add_argument(
        "--prove",
        action="store_true",
        help="explore everything that can happen to it, and refuse it where that is unsafe",
    )
    parser.add_argument("--schema", choices=SCHEMAS, help="print the JSON schema of a kind of file, for editors")


def run(given: Namespace) -> Exit:
    """Check one site or one profile, or print a schema."""
    if given.schema:
        from controller.config.schema import json_schema

        print(json.dumps(json_schema(given.schema), indent=2, ensure_ascii=False))
        return Exit.DONE
    if given.profile is not None:
        return _profile_checked(given)
    if given.site is None:
        raise Failure(Exit.USAGE, "rempart check: which site? give its name, its folder or its site.yaml")
    return _checked(given)


def _profile_checked(given: Namespace) -> Exit:
    from controller.config.profile_lint import lint

    clashing = [f"--{name}" for name in ("bench", "explain", "prove") if getattr(given, name)]
    if given.site is not None or clashing:
        others = ", ".join([*([f"the site {given.site}"] if given.site is not None else []), *clashing])
        raise Failure(
            Exit.USAGE, f"rempart check: --profile is checked without a site, found {others} beside it: leave it out"
        )
    verdict = lint(_profile_file(given.profile))
    ok = not verdict.problems
    name = verdict.profile.profile if verdict.profile is not None else Path(given.profile).stem
    if given.json:
        told = {"problems": _plain(verdict.problems), "warnings": _plain(verdict.warnings)}
        print(json.dumps({"ok": ok, "profile": name, "points": verdict.points, **told}, indent=2, ensure_ascii=False))
        return Exit.DONE if ok else Exit.USAGE
    for problem in verdict.problems:
        print(problem, file=sys.stderr)
    for warning in verdict.warnings:
        print(f"{warning.path}:{warning.line}:{warning.column}: warning: {warning.message}", file=sys.stderr)
    if not ok:
        return Exit.USAGE
    counted = f"{words.counted(verdict.points, 'point')}; " if verdict.points else ""
    warned = f", {words.counted(len(verdict.warnings), 'warning')}" if verdict.warnings else ""
    print(f"{name}: {counted}no mistakes{warned}")
    return Exit.DONE


def _profile_file(given: str) -> Path:
    """Return the file that a person means: a path, or the name of a profile of the library."""
    from controller.config.plainwords import unknown
    from controller.config.profiles import Library, shipped

    if Path(given).is_file():
        return Path(given)
    if (path := shipped() / f"{given}.yaml").is_file():
        return path
    text = unknown("there is no such file, and the profile", given, Library([shipped()]).names())
    raise Failure(Exit.USAGE, f"rempart check: {text}")


def _plain(problems: Iterable[Problem]) -> list[dict[str, str | int]]:
    return [{"path": p.path, "line": p.line, "column": p.column, "message": p.message} for p in problems]


def _checked(given: Namespace) -> Exit:
    from controller.config.load import load_site
    from controller.config.site import ConfigError

    try:
        site = load_site(sites.site_file(given.site), bench=given.bench)
    except ConfigError as error:
        if given.json:
            print(json.dumps({"ok": False, "problems": _plain(error.problems)}, indent=2, ensure_ascii=False))
        else:
            print(error, file=sys.stderr)
        return Exit.USAGE
    if given.explain:
        from controller.cli.explained import as_json, as_text, explained

        rules = explained(site, given.explain)
        print(as_json(rules) if given.json else as_text(rules))
        return Exit.DONE
    if given.prove:
        from controller.cli.prove import prove

        return prove(site, as_json=given.json)
    counts = {part: len(getattr(site, part)) for part in ("zones", "links", "units", "devices")}
    if given.json:
        print(json.dumps({"ok": True, "site": site.name, **counts, "revision": site.source, "problems": []}, indent=2))
    else:
        told = ", ".join(words.counted(number, part.removesuffix("s")) for part, number in counts.items())
        print(f"{site.name}: {told}; no mistakes")
    return Exit.DONE
