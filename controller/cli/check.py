"""`rempart check`: is this site file right? Every mistake at once, as `path:line:column: message`. What may a device not do?"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from controller.cli import sites, words
from controller.cli.exits import Exit, Failure

SCHEMAS = ("site", "profile")


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("site", metavar="SITE", nargs="?", help=sites.SITE_HELP)
    parser.add_argument("--bench", metavar="FILE", type=Path, help="check it with this bench file")
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
    """Check one site, or print a schema."""
    if given.schema:
        from controller.config.schema import json_schema

        print(json.dumps(json_schema(given.schema), indent=2, ensure_ascii=False))
        return Exit.DONE
    if given.site is None:
        raise Failure(Exit.USAGE, "rempart check: which site? give its name, its folder or its site.yaml")
    return _checked(given)


def _checked(given: Namespace) -> Exit:
    from controller.config.load import load_site
    from controller.config.site import ConfigError

    try:
        site = load_site(sites.site_file(given.site), bench=given.bench)
    except ConfigError as error:
        if given.json:
            problems = [
                {"path": p.path, "line": p.line, "column": p.column, "message": p.message} for p in error.problems
            ]
            print(json.dumps({"ok": False, "problems": problems}, indent=2, ensure_ascii=False))
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
