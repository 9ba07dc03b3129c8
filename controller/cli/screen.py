"""The site as rich shows it: a headline, devices by zone, alarms, orders. Values in, renderables out; no I/O here.

Colour is for what is abnormal only, and never says anything that a word or a mark does not say too: a doubtful age carries a `!`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from controller.cli import words
from controller.cli.words import Told

ALARM, DOUBT, SIMULATED, OLD = "bold red", "yellow", "bold black on yellow", "dim"
STATE, MODE, AGE = 9, 6, 8
"""Columns; a longer mode makes its column wider, for as long as one is there."""
ALARMS, ORDERS = 3, 4
"""How many lines of each are on a screen of limited height."""
ORDER_LINES = 6
"""How many lines all orders together may take on such a screen."""
NARROW = 72
"""Below this many columns a note has a line of its own."""
BESIDE = 30
"""A note that does not fit beside its device is wrapped there if there are so many columns, or else below it."""
INDENT = "    "


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything that is on the screen. `lost` says since when nothing new comes, and `older_s` how long that is."""

    site: Told
    devices: Sequence[Told]
    alarms: Sequence[Told] = ()
    flood: bool = False
    orders: Sequence[Told] = ()
    lost: str = ""
    older_s: float = 0.0
    hint: str = ""
    shown_at: str = ""


def headline(site: Told, shown_at: str = "") -> RenderableType:
    """Say which site it is and, where it is so, that the field is simulated."""
    grid = Table.grid(expand=True, padding=(0, 1))
    grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    grid.add_column(justify="right", no_wrap=True)
    mark = Text(" SIMULATED FIELD " if simulated_whole(site) else " PARTLY SIMULATED ", style=SIMULATED)
    mark = mark if site["simulated"] else Text()
    grid.add_row(Text(site["title"], style="bold"), Text.assemble(mark, f" {shown_at}".rstrip()))
    return grid


def simulated_whole(site: Told) -> bool:
    """Tell whether a simulator stands in for every link; a controller of an earlier release knows nothing else."""
    links = site.get("links", [])
    marks = [link["simulated"] for link in links]
    return all(marks) or not any(marks)


def listing(devices: Sequence[Told], width: int = 80) -> RenderableType:
    """List devices with their kind, for one look at all of them."""
    names = ("device", "kind", "state", "mode", "age")
    rows = [(Text(d["id"]), Text(d["kind"]), _state(d), _mode(d), _age(d)) for d in devices]
    widest = [max(len(name), *(len(row[at]) for row in rows)) if rows else len(name) for at, name in enumerate(names)]
    head = _cells([Text(name) for name in names], widest).append(" note")
    head.stylize("dim")
    lines = [_cut(head)]
    for device, row in zip(devices, rows, strict=True):
        lines += _noted(_cells(row, widest), words.note(device), width, gap=1)
    return Group(*lines)


def _cells(cells: Sequence[Text], widest: Sequence[int]) -> Text:
    """Put cells beside each other, the last, an age, at the right."""
    line = Text()
    for cell, columns in zip(cells[:-1], widest, strict=False):
        cell.align("left", columns + 1)
        line.append_text(cell)
    cells[-1].align("right", widest[-1])
    return line.append_text(cells[-1])


def alarm_list(alarms: Sequence[Told]) -> RenderableType:
    """List alarms, each with the id by which it is acknowledged, and what it says below."""
    longest = max((len(alarm["id"]) for alarm in alarms), default=0)
    rows: list[RenderableType] = []
    for alarm in alarms:
        state, since = words.ALARM_STATES.get(alarm["state"], "new"), words.moment(alarm["since"])
        head = Text(f"P{alarm['priority']} {alarm['id']:<{longest}}", style=ALARM if alarm["priority"] <= 2 else DOUBT)
        said = [alarm["text"], words.marks(alarm)]
        if alarm["state"] in words.HIDDEN_STATES:
            said.append(words.standing(alarm))
        rows.append(_cut(head.append(f"  {state:<4} since {since} UTC", "")))
        rows += [Padding(Text(line), (0, 0, 0, 3)) for line in said if line]
    return Group(*rows)


def figures(kpi: Told) -> RenderableType:
    """Show by what an alarm system is judged."""
    table = Table.grid(padding=(0, 2))
    for _ in range(2):
        table.add_column(overflow="fold")
    for name, value in kpi.items():
        shown = ", ".join(f"P{key} {count}" for key, count in value.items()) if isinstance(value, Mapping) else value
        if isinstance(shown, list):
            shown = ", ".join(shown) or "none"
        table.add_row(
            name.replace("_", " "), {True: "yes", False: "no"}[shown] if isinstance(shown, bool) else str(shown)
        )
    return table


def board(picture: Picture, width: int, height: int | None = None) -> RenderableType:
    """Draw the live picture; with a `height` what is normal and moves nothing gives way where there is no room."""
    style = OLD if picture.lost else ""
    top: list[RenderableType] = [headline(picture.site, picture.shown_at)]
    if picture.lost:
        top.append(_line(f" {picture.lost} ", "bold white on red"))
    if picture.flood:
        top.append(_line("! ALARM FLOOD: more alarms come than a person can take in", ALARM))
    top += _alarms(picture.alarms, None if height is None else ALARMS, width)
    bottom: list[RenderableType] = []
    bottom += _orders(picture.orders[-ORDERS:], None if height is None else ORDER_LINES, width)
    if risks := words.risks(picture.devices):
        bottom += _wrapped(risks, OLD, width) if height is None else [_line(risks, OLD)]
    bottom += [_line(hint, OLD) for hint in picture.hint.splitlines()]
    longest = max((len(device["id"]) for device in picture.devices), default=0)
    mode = _mode_columns(picture.devices)
    head = f"  {'device':<{longest}} {'state':<{STATE}} {'mode':<{mode}} {'age':>{AGE}}  note"
    room = None if height is None else height - len(top) - len(bottom) - 2
    rows = _rows(picture, (longest, mode), room, width)
    for row in rows:
        row.stylize_before(style)
    return Group(*top, _line(head, "dim"), *rows, *bottom)


def _mode_columns(devices: Sequence[Told]) -> int:
    return max((MODE, *(len(words.mode(device)) for device in devices)))


def _rows(picture: Picture, columns: tuple[int, int], room: int | None, width: int) -> list[Text]:
    zones = words.by_zone(picture.devices, picture.site["zones"])
    lines = {
        device["id"]: _device(device, columns, picture.older_s, width) for _, devices in zones for device in devices
    }
    kept = _kept(zones, lines, room)
    rows: list[Text] = []
    for zone, devices in zones:
        hidden = [device for device in devices if device["id"] not in kept]
        unsure = "" if zone["secured"] or zone["open"] else DOUBT
        name, word = words.zone_name(zone), words.zone_word(zone)
        title = Text.assemble((name, "bold"), " ", (word, unsure), _hidden(hidden))
        rows += [_cut(title), *(line for device in devices if device["id"] in kept for line in lines[device["id"]])]
    return rows


def _hidden(devices: Sequence[Told]) -> Text:
    if not devices:
        return Text()
    odd = sum(words.abnormal(device) for device in devices)
    return Text(f" ({len(devices)} more, {f'{odd} NOT normal' if odd else 'all normal'})", style=DOUBT if odd else OLD)


def _kept(zones: Sequence[tuple[Told, list[Told]]], lines: dict[str, list[Text]], room: int | None) -> set[str]:
    """Choose what is shown: what moves, then what is abnormal, then the rest in the order of the site."""
    devices = [device for _, found in zones for device in found]
    left = sum(map(len, lines.values())) if room is None else room - len(zones)
    kept: set[str] = set()
    for device in sorted(devices, key=lambda d: (d["secures_by"] is None, not words.abnormal(d))):
        left -= len(lines[device["id"]])
        if left >= 0:
            kept.add(device["id"])
    return kept


def _device(device: Told, columns: tuple[int, int], older_s: float, width: int) -> list[Text]:
    longest, mode = columns
    row = Text(f"  {device['id']:<{longest}} ")
    for cell, wide in ((_state(device), STATE + 1), (_mode(device), mode + 1)):
        cell.align("left", wide)
        row.append_text(cell)
    age = _age(device, older_s)
    age.align("right", AGE)
    row.append_text(age)
    return _noted(row, words.note(device), width, gap=2)


def _noted(row: Text, note: str, width: int, gap: int) -> list[Text]:
    """Put a note `gap` columns beside its row where it fits, or wrapped beside or below it."""
    room = width - len(row) - gap
    if not note:
        return [_cut(row)]
    if len(note) > room and (width < NARROW or room < BESIDE):
        return [_cut(row), *_wrapped(f"{INDENT}{note}", "", width)]
    first, *more = textwrap.wrap(note, max(room, 1), break_on_hyphens=False)
    under = " " * (len(row) + gap)
    return [_cut(row.append(f"{' ' * gap}{first}")), *(_line(f"{under}{line}", "") for line in more)]


def _state(device: Told) -> Text:
    bad = device["state"] in words.BAD_STATES
    odd = words.abnormal(device) and not bad
    moving = device["state"] in words.MOVING_STATES
    return Text(device["state"], style=ALARM if bad else DOUBT if odd else "bold" if moving else "")


def _mode(device: Told) -> Text:
    return Text(words.mode(device), style="" if device["mode"] == "remote" else DOUBT)


def _age(device: Told, older_s: float = 0.0) -> Text:
    stale, age = words.stale(device, older_s), words.age_s(device)
    text = words.age(None if age is None else age + older_s)
    return Text(f"{'!' if stale else ''}{text}", style=DOUBT if stale else "")


def _alarms(alarms: Sequence[Told], most: int | None, width: int) -> list[Text]:
    alarms = words.urgent_first(alarms)
    groups = words.grouped(alarms)
    shown = groups if most is None or len(groups) <= most else groups[: most - 1]
    lines: list[Text] = []
    for group in shown:
        lines += _wrapped(f"! {words.alarms(group)}", ALARM if group[0]["priority"] <= 2 else DOUBT, width)
    if more := len(alarms) - sum(map(len, shown)):
        lines.append(_line(f"! {words.counted(more, 'more alarm')}", ALARM))
    if hint := words.hint(alarms):
        lines += _wrapped(f"  {hint}", OLD, width)
    return lines


def _orders(orders: Sequence[Told], most: int | None, width: int) -> list[Text]:
    """Show orders, the newest last; of those that take more than `most` lines together the oldest give way."""
    shown: list[Text] = []
    for order in reversed(orders):
        lines = _order(order, width)
        if shown and most is not None and len(shown) + len(lines) > most:
            break
        shown = lines + shown
    return shown


def _order(order: Told, width: int) -> list[Text]:
    """Show one order: what is asked of whom, and how far it is or the first reason why not."""
    head = f"> {order['action']} {order['target']}: "
    if order["life"] == "refused":
        first, *more = words.refusals(order)
        return _wrapped(f"{head}{first}{f' (+{len(more)} more)' if more else ''}", DOUBT, width)
    because = f", {order['because']}" if order["because"] else ""
    good = not order["ended"] or order["life"] == "confirmed"
    return _wrapped(f"{head}{order['life']}{because}", "" if good else ALARM, width)


def _wrapped(text: str, style: str, width: int) -> list[Text]:
    """Write it in as many lines as it takes, all but the first set in."""
    lines = textwrap.wrap(text, max(width, 2 * len(INDENT)), subsequent_indent=INDENT, break_on_hyphens=False)
    return [_line(line, style) for line in lines]


def _line(text: str, style: str) -> Text:
    return _cut(Text(text, style=style))


def _cut(text: Text) -> Text:
    """One line, whatever the width."""
    text.no_wrap, text.overflow = True, "ellipsis"
    return text
