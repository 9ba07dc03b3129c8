"""Whatever one key of the shipped site is deleted or misspelt: located problems or a good site, never a traceback."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.config import profiles
from controller.config.load import shipped_sites
from controller.config.located import Key, Problem, read

from .conftest import problems_of

pytestmark = pytest.mark.untraced

SITE: dict[str, Any] = read(shipped_sites() / "nice-promenade" / "site.yaml").data
SECTIONS = ("zones", "links", "units", "devices", "routes")
OPTIONAL = {
    "poll_s",
    "expect",
    "local",
    "fault",
    "standby",
    "self_test",
    "stop",
    "hold_s",
    "routes",
    "overspeed_kmh",
    "means",
    "mains",
    "slow_efo",
}
REFERRING = ("follows", "airlock_with", "warning", "mains")
NEEDS_NO_PROFILE = {"loop", "radar", "counter"}
At = tuple[Key, ...]


def keys_of(value: Any, at: At = ()) -> Iterator[At]:
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield (*at, key)
        yield from keys_of(inner, (*at, key))


KEYS = list(keys_of(SITE))
REFERRED = {
    *(point for route in SITE["routes"].values() for point in route["points"]),
    *(loop for device in SITE["devices"].values() for loop in device.get("presence", ())),
    *(mover for device in SITE["devices"].values() for mover in device.get("warns", ())),
    *(device[key] for device in SITE["devices"].values() for key in REFERRING if key in device),
}


def is_name(at: At) -> bool:
    """The keys that the site itself invents."""
    return len(at) == 2 and at[0] in SECTIONS


def may_go(at: At) -> bool:
    """The keys without which the site is still a good one."""
    if is_name(at):
        return at[0] == "routes" or (at[0] == "devices" and at[1] not in REFERRED)
    if at[-1] == "profile" and at[0] == "devices":
        return SITE["devices"][at[1]]["kind"] in NEEDS_NO_PROFILE
    if at[-1] == "poll_s":
        # What is said of a shared wire keeps its inputs from being missed (R38).
        return "patience_s" not in SITE["links"][at[1]]
    if at[-1] == "means" and at[0] == "devices":
        return at[1] not in REFERRED
    return at[-1] in OPTIONAL or at[-2:-1] == ("expect",)


def may_be_renamed(at: At) -> bool:
    return is_name(at) and may_go(at)


def around(site: Any, at: At) -> Any:
    for step in at[:-1]:
        site = site[step]
    return site


def without(at: At, renamed: str | None = None) -> dict[str, Any]:
    site = copy.deepcopy(SITE)
    inside = around(site, at)
    gone = inside.pop(at[-1])
    if renamed is not None:
        inside[renamed] = gone
    return site


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(profiles, "load", functools.cache(profiles.load))

    def checked(site: Any) -> tuple[Problem, ...]:
        (tmp_path / "site.yaml").write_text(json.dumps(site, indent=1), encoding="utf-8")
        found = problems_of(tmp_path)
        lines = (tmp_path / "site.yaml").read_text(encoding="utf-8").count("\n") + 1
        assert all(1 <= problem.line <= lines for problem in found if problem.path.endswith("site.yaml"))
        return found

    return checked


@pytest.mark.parametrize("section", [*SECTIONS, ""])
def test_any_key_deleted_is_refused_unless_it_may_go(check: Any, section: str) -> None:
    for at in KEYS:
        if (at[0] if at[0] in SECTIONS else "") == section:
            assert bool(check(without(at))) is not may_go(at), at


@pytest.mark.parametrize("section", [*SECTIONS, ""])
def test_any_key_misspelt_is_refused(check: Any, section: str) -> None:
    for at in KEYS:
        if (at[0] if at[0] in SECTIONS else "") == section:
            assert bool(check(without(at, f"{at[-1]}x"))) is not may_be_renamed(at), at


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def test_any_value_replaced_by_junk_never_raises(check: Any) -> None:
    @settings(max_examples=60, deadline=None, database=None)
    @given(st.sampled_from(KEYS), JUNK)
    def spoilt(at: At, junk: Any) -> None:
        site = copy.deepcopy(SITE)
        around(site, at)[at[-1]] = junk
        check(site)

    spoilt()
