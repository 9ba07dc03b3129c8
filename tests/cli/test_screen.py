"""The picture: what is on it, and that it fits."""

from __future__ import annotations

import io

import pytest
from rich.console import Console, RenderableType

from controller.cli import screen
from tests.cli.pictures import alarm, device, order, picture, refusal, site


def shown(what: RenderableType, width: int = 80, *, styled: bool = False) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=styled, color_system="standard" if styled else None
    )
    console.print(what)
    return console.file.getvalue()  # type: ignore[attr-defined]


LONG = device(
    "massena-a-very-long-name",
    "road_blocker",
    "lowered",
    interlocks=[refusal("R09", "massena-loop", "loop clear for 0.3 s only; 1.0 s is required")],
)


@pytest.mark.parametrize("width", [80, 60, 40])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    full = picture(LONG, alarms=[alarm(text="t" * 90)], orders=[order("failed", because="b" * 90)], hint="h" * 90)
    assert max(map(len, shown(screen.board(full, width), width).splitlines())) <= width


def test_what_forbids_is_beside_the_device_and_below_it_where_the_screen_is_narrow() -> None:
    row = next(line for line in shown(screen.board(picture(LONG), 100), 100).splitlines() if "massena-a" in line)
    assert "no raise: R09 massena-loop: loop clear" in row
    lines = shown(screen.board(picture(LONG), 60), 60).splitlines()
    at = next(number for number, line in enumerate(lines) if "massena-a" in line)
    assert lines[at + 1].strip().startswith("no raise: R09 massena-loop: loop clear")


@pytest.mark.parametrize(
    ("secured", "opened", "said"),
    [(True, False, "secured"), (False, True, "open"), (None, False, "NOT KNOWN"), (False, False, "NOT SECURED")],
)
def test_a_zone_says_how_it_stands_and_is_open_only_when_that_is_confirmed(
    secured: bool | None, opened: bool, said: str
) -> None:
    zone: dict[str, object] = {"id": "gate", "title": "The gate", "devices": [], "secured": secured, "open": opened}
    lines = shown(screen.board(picture(site=site(zones=[zone])), 80)).splitlines()
    assert f"The gate (gate) {said}" in [line.rstrip() for line in lines]


def test_a_zone_whose_title_is_its_id_is_named_once() -> None:
    zone: dict[str, object] = {"id": "gate", "title": "gate", "devices": [], "secured": True, "open": False}
    lines = shown(screen.board(picture(site=site(zones=[zone])), 80)).splitlines()
    assert "gate secured" in [line.rstrip() for line in lines]


def test_alarms_that_are_over_come_last_and_the_newest_first() -> None:
    told = [
        {**alarm(1, "returned-unacknowledged", of="over"), "since": "2026-11-22T13:00:00Z"},
        {**alarm(3, of="low"), "since": "2026-11-22T13:00:03Z"},
        {**alarm(1, of="old", text="a"), "since": "2026-11-22T13:00:01Z"},
        {**alarm(1, of="new", text="b"), "since": "2026-11-22T13:00:02Z"},
    ]
    lines = shown(screen.board(picture(alarms=told), 80)).splitlines()[1:5]
    assert [line.split(":")[0] for line in lines] == ["! P1 new", "! P1 old", "! P3 low", "! P1 (over) over"]


def test_a_simulated_field_is_called_so() -> None:
    assert "SIMULATED FIELD" in shown(screen.board(picture(site=site(simulated=True)), 80))
    assert "SIMULATED" not in shown(screen.board(picture(), 80))


def test_a_lost_connection_has_a_banner_and_everything_below_it_is_grey() -> None:
    lost = picture(device("entry"), lost="NO CONNECTION TO THE CONTROLLER SINCE 12:00:00")
    text = shown(screen.board(lost, 80), styled=True)
    assert "NO CONNECTION TO THE CONTROLLER SINCE 12:00:00" in text
    row = next(line for line in text.splitlines() if "entry" in line)
    assert row.startswith("\x1b[2m")


def test_ages_go_on_growing_while_the_connection_is_lost() -> None:
    assert "7.1 s" in shown(screen.board(picture(device("entry"), lost="lost", older_s=7.0), 80))


def test_nothing_normal_is_coloured() -> None:
    text = shown(screen.board(picture(device("entry"), device("b", "bollard", "raised")), 80), styled=True)
    assert not any(f"\x1b[{colour}m" in text for colour in (31, 33, "1;31"))


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (device("x", "bollard", "fault"), "fault"),
        (device("x", mode="local"), "local"),
        (device("x", points={"detect": {"value": 1, "quality": "good", "taken": "", "age_s": 5.0}}), "!5.0 s"),
    ],
)
def test_what_is_coloured_is_also_said(odd: dict[str, object], said: str) -> None:
    assert said in shown(screen.board(picture(odd), 80))


def test_movers_and_the_abnormal_stay_where_there_is_no_room() -> None:
    loops = [device(f"loop-{i}") for i in range(20)]
    crowd = picture(*loops, device("dead", state="offline"), device("bollards", "bollard", "raised"))
    text = shown(screen.board(crowd, 80, 12))
    assert len(text.splitlines()) <= 12
    assert "bollards" in text
    assert "dead" in text
    assert "more, all normal)" in text


def test_hidden_devices_that_are_not_normal_are_counted() -> None:
    dead = [device(f"loop-{i}", state="offline") for i in range(20)]
    assert "NOT normal" in shown(screen.board(picture(*dead), 80, 10))


def test_the_highest_alarms_stay_and_the_rest_are_counted() -> None:
    alarms = [alarm(1, text=f"alarm {i}") for i in range(9)]
    text = shown(screen.board(picture(alarms=alarms), 80, 24))
    assert "alarm 0" in text
    assert "7 more alarms" in text


def test_a_wire_that_is_lost_is_one_line_and_says_how_to_acknowledge_it() -> None:
    lost = [alarm(3, text="cannot be reached", of=f"d{i}", name="offline") for i in range(6)]
    lines = shown(screen.board(picture(alarms=lost), 80, 24)).splitlines()
    assert lines[1].startswith("! P3 offline ×6: cannot be reached")
    assert lines[2].strip() == "seen? rempart ack d0.offline   all: rempart ack --all"


def test_an_alarm_that_was_seen_needs_no_hint() -> None:
    assert "rempart ack" not in shown(screen.board(picture(alarms=[alarm(state="acknowledged")]), 80))


def test_the_list_of_alarms_has_the_ids_and_fits_80_columns() -> None:
    long = alarm(text="word " * 40, of="massena-a-very-long-name", name="local-for-long")
    lines = shown(screen.alarm_list([alarm(), long])).splitlines()
    assert lines[0].split() == ["P1", "bollards.f", "new", "since", "2026-11-22", "12:59:04", "UTC"]
    assert lines[2].startswith("P1 massena-a-very-long-name.local-for-long  new  since")
    assert max(map(len, lines)) <= 80


def test_the_last_orders_are_at_the_bottom_with_their_first_reason() -> None:
    refused = order("refused", refusals=[refusal("R09", "entry", "loop occupied"), refusal("R18", "b", "local")])
    text = shown(screen.board(picture(orders=[order("confirmed"), refused]), 80))
    assert "> raise bollards: refused by R09: entry: loop occupied (+1 more)" in text.splitlines()[-1]


def test_the_listing_fits_80_columns() -> None:
    text = shown(screen.listing([LONG, device("entry")]))
    assert max(map(len, text.splitlines())) <= 80
    assert "road_blocker" in text


def test_r35_a_flood_is_said_above_the_alarms() -> None:
    lines = shown(screen.board(picture(alarms=[alarm()], flood=True), 80)).splitlines()
    assert lines[1].startswith("! ALARM FLOOD")
    assert "ALARM FLOOD" not in shown(screen.board(picture(alarms=[alarm()]), 80))


def test_a_long_mode_is_whole_and_pushes_nothing_out_of_its_column() -> None:
    devices = [device("bollard-1", "bollard", "raised", mode="maintenance"), device("bollard-2", "bollard", "raised")]
    lines = shown(screen.board(picture(*devices), 80)).splitlines()
    rows = [next(line for line in lines if name in line) for name in ("bollard-1", "bollard-2", "device")]
    assert "maintenance" in rows[0]
    assert rows[0].index("0.1 s") == rows[1].index("0.1 s")
    assert rows[2].index("age") + len("age") == rows[0].index("0.1 s") + len("0.1 s")


WORDS = " ".join(f"word{number}" for number in range(30))


def joined(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("height", [None, 40])
@pytest.mark.parametrize("width", [80, 60, 100])
def test_nothing_that_is_said_is_cut(width: int, height: int | None) -> None:
    busy = device("massena-boom", "barrier", "lowered", interlocks=[refusal("R09", "massena-loop", WORDS)])
    told = picture(busy, alarms=[alarm(text=f"alarm {WORDS}")], orders=[order("failed", because=f"order {WORDS}")])
    text = shown(screen.board(told, width, height), width)
    assert max(map(len, text.splitlines())) <= width
    for said in (f"massena-loop: {WORDS}", f"alarm {WORDS}", f"order {WORDS}"):
        assert said in joined(text)


def test_what_goes_on_in_a_line_of_its_own_is_set_in() -> None:
    lines = shown(screen.board(picture(alarms=[alarm(text=f"alarm {WORDS}")]), 80)).splitlines()
    assert (lines[1][:4], lines[2][:4]) == ("! P1", "    ")


def test_a_note_that_fits_beside_its_device_stays_there() -> None:
    said = refusal("R09", "loop", "loop occupied")
    row = next(
        line
        for line in shown(screen.board(picture(device("b", "bollard", "lowered", interlocks=[said])), 80)).splitlines()
        if line.startswith("  b ")
    )
    assert row.endswith("no raise: R09 loop: loop occupied")


def test_long_orders_leave_room_for_the_devices_and_the_newest_is_whole() -> None:
    movers = [device(f"bollard-{number}", "bollard", "raised") for number in range(3)]
    orders = [order("failed", because=f"{number} {WORDS}") for number in range(4)]
    text = shown(screen.board(picture(*movers, orders=orders), 80, 24))
    assert len(text.splitlines()) <= 24
    assert f"3 {WORDS}" in joined(text)
    assert all(f"bollard-{number}" in text for number in range(3))


def test_the_accepted_risks_are_whole_where_there_is_room() -> None:
    told = picture(device("b", "bollard", "raised", accepted_risks=[WORDS]))
    assert f"accepted risks: b: {WORDS}" in joined(shown(screen.board(told, 80)))


EFO = {"by": "marie", "role": "operator", "order": "o1"}
BOTH = {"tags": [{"tag": "t1", "owner": "luc", "why": "hose", "asked_by": ""}], "efo": EFO, "test": ""}


@pytest.mark.parametrize(("mode", "said"), [("maintenance", "maintenance+efo"), ("local", "local+efo"), ("efo", "efo")])
def test_r19_a_latched_emergency_is_said_under_whatever_mode_outranks_it(mode: str, said: str) -> None:
    locked = device("bollard-1", "bollard", "raised", mode=mode, held=BOTH)
    for text in (shown(screen.board(picture(locked), 80)), shown(screen.listing([locked]))):
        row = next(line for line in text.splitlines() if "bollard-1" in line)
        assert said in row.split()


def test_r19_a_test_under_a_lock_out_is_said_too() -> None:
    held = {**BOTH, "efo": None, "test": "zoé"}
    locked = device("bollard-1", "bollard", "raised", mode="maintenance", held=held)
    assert "maintenance+test" in shown(screen.listing([locked]))


def test_the_listing_says_the_whole_note_in_lines_that_can_be_read() -> None:
    busy = device(
        "a-device-with-a-long-name", "road_blocker", "lowered", mode="maintenance", held=BOTH,
        interlocks=[refusal("R09", "loop", WORDS)],
    )  # fmt: skip
    text = shown(screen.listing([busy, device("entry")]))
    assert WORDS in joined(text)
    assert max(map(len, text.splitlines())) <= 80
    assert len(text.splitlines()) < 10


def test_accepted_risks_are_on_the_screen_in_one_line() -> None:
    told = picture(
        device("bollard-1", "bollard", "raised", accepted_risks=["no loop vetoes it " * 9]), hint="Ctrl-C ends"
    )
    lines = shown(screen.board(told, 80, 24)).splitlines()
    assert lines[-2].startswith("accepted risks: bollard-1: no loop vetoes it")
    assert len(lines[-2]) <= 80


def test_hints_stay_at_the_foot_a_line_each_however_small_the_screen_is() -> None:
    told = picture(*(device(f"b{n}", "bollard", "raised") for n in range(40)), hint="console: here\nCtrl-C ends")
    lines = shown(screen.board(told, 80, 20)).splitlines()
    assert lines[-2:] == ["console: here", "Ctrl-C ends"]
    assert len(lines) <= 20
