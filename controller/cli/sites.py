"""Which site a person means, and where what belongs to it is kept."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from controller.cli import discover
from controller.cli.exits import Exit, Failure
from controller.statefolder import JOURNAL, state_path

SITE_HELP = "name of a shipped site, or path to a site folder or site.yaml"


def declare_site(parser: ArgumentParser, *, default: str = "") -> None:
    """Add the SITE argument."""
    if default:
        parser.add_argument("site", metavar="SITE", nargs="?", default=default, help=f"{SITE_HELP} ({default})")
    else:
        parser.add_argument("site", metavar="SITE", help=SITE_HELP)


def site_file(given: str) -> Path:
    """Return the site file that `given` means. Raises ConfigError, which lists what there is."""
    from controller.config.load import SITE_FILE, site_folder

    path = Path(given)
    return path if path.is_file() else site_folder(given) / SITE_FILE


def site_name(file: Path) -> str:
    """Return what a site file calls its site, whatever else is wrong with it. Raises ConfigError."""
    from controller.config.located import read
    from controller.config.profiles import shown
    from controller.config.site import ConfigError

    document = read(file, shown(file))
    if document.problems:
        raise ConfigError(tuple(document.problems))
    name = document.data.get("site") if isinstance(document.data, dict) else None
    if not isinstance(name, str) or not name:
        text = "site: expected the name of the site, e.g. `site: north-gate`"
        raise ConfigError((document.problem(("site",), text),))
    return name


def state_folder(site: str, state: Path | None, what: str, how: str) -> Path:
    """Return the state folder that is given, of a site, or of the controller that runs here. Raises Failure, ConfigError.

    `what` of it is asked for, and `how` to say which, stand in the failure.
    """
    if state is not None:
        return state
    if site:
        path = state_path(site) if "/" not in site and site not in (".", "..") else Path()
        return path if (path / JOURNAL).is_file() else state_path(_loaded_name(site))
    cards = discover.running()
    found = [card.token_file.parent for card in cards]
    found = found or sorted(journal.parent for journal in state_path("any").parent.glob(f"*/{JOURNAL}"))
    if len(found) == 1:
        return found[0]
    known = f"there are several: {', '.join(path.name for path in found)}" if found else "none is there yet"
    raise Failure(Exit.USAGE, f"which {what}? {known}; give {how}")


def _loaded_name(site: str) -> str:
    from controller.config.load import load_site

    return load_site(site_file(site)).name
