"""What becomes of a site's alarms as conditions come and go, people act and time passes (R34-R37)."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from controller import annunciator
from controller.alarm_memory import entry
from controller.annunciator import Annunciator, Change, Clock, NoSuchAlarm, NotDone, Place
from controller.core.alarms import SHELVE_MAX_S, Standing
from controller.core.device import Alarm

DOOR = Alarm("door-open", 3, "the door is open")
MOVED = Alarm("left-position", 1, "left its position")
OFFLINE = Alarm("offline", 3, "cannot be reached")
SILENT = Alarm("no-answer", 3, "cannot be reached")


@dataclass
class Desk:
    """An annunciator with a clock that the test moves, and all that it has told."""

    now: float = 0.0
    told: list[tuple[Standing, Change]] = field(default_factory=list)
    floods: list[tuple[bool, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock = Clock(now=lambda: self.now, label=lambda: f"t{self.now:g}", later=lambda s: f"t{self.now + s:g}")
        places = {"loop": Place("gate", ("io",)), "bollard": Place("gate", ("io", "relays"))}
        self.alarms = Annunciator(
            clock, lambda s, c: self.told.append((s, c)), lambda f, n: self.floods.append((f, n)), places
        )

    def state(self, key: str) -> str:
        known = [*self.alarms.standing(), *self.alarms.hidden()]
        return next((str(s.state) for s in known if s.id == key), "normal")

    def unit(self, *alarms: Alarm) -> None:
        self.alarms.set("unit io", alarms, device="io")

    @property
    def last(self) -> Change:
        return self.told[-1][1]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def open_door(desk: Desk) -> Desk:
    desk.alarms.set("cabinet", [DOOR])
    return desk


def test_an_alarm_comes_is_seen_and_leaves(open_door: Desk) -> None:
    assert open_door.alarms.act("cabinet.door-open", "acknowledge", "op", "on my way").by == "op"
    open_door.alarms.set("cabinet", [])
    assert open_door.alarms.standing() == []
    assert [change for _, change in open_door.told] == [
        Change("comes", "controller", "the door is open"),
        Change("acknowledge", "op", "on my way"),
        Change("goes", "controller", "the door is open"),
    ]


def test_the_same_condition_told_again_is_no_change(open_door: Desk) -> None:
    open_door.alarms.set("cabinet", [DOOR])
    assert len(open_door.told) == 1


def test_what_it_says_may_change_while_it_stands(open_door: Desk) -> None:
    open_door.alarms.set("cabinet", [Alarm("door-open", 3, "both doors are open")])
    assert (open_door.last.event, open_door.alarms.standing()[0].text) == ("changes", "both doors are open")


def test_acknowledging_twice_changes_nothing_and_tells_nothing(open_door: Desk) -> None:
    first = open_door.alarms.act("cabinet.door-open", "acknowledge", "op")
    assert open_door.alarms.act("cabinet.door-open", "acknowledge", "other") == first
    assert len(open_door.told) == 2


def test_r36_a_shelving_ends_by_itself_and_the_alarm_is_annunciated_anew(open_door: Desk) -> None:
    shelved = open_door.alarms.shelve("cabinet.door-open", 60.0, "op", "works")
    assert (open_door.alarms.standing(), open_door.alarms.hidden(), shelved.until) == ([], [shelved], "t60")
    open_door.now = 59.9
    open_door.alarms.tick()
    assert open_door.state("cabinet.door-open") == "shelved"
    open_door.now = 60.0
    open_door.alarms.tick()
    assert open_door.state("cabinet.door-open") == "unacknowledged"
    assert open_door.last == Change("unshelve", "controller", "the time of its shelving is over")


def test_r36_one_that_is_over_when_its_shelving_ends_leaves(open_door: Desk) -> None:
    open_door.alarms.shelve("cabinet.door-open", 60.0, "op", "works")
    open_door.alarms.set("cabinet", [])
    assert open_door.state("cabinet.door-open") == "shelved"
    open_door.now = 60.0
    open_door.alarms.tick()
    assert open_door.state("cabinet.door-open") == "normal"


def test_r36_nobody_shelves_for_longer_than_a_shift(open_door: Desk) -> None:
    with pytest.raises(ValueError, match="at most"):
        open_door.alarms.shelve("cabinet.door-open", SHELVE_MAX_S + 1, "op", "works")
    assert open_door.state("cabinet.door-open") == "unacknowledged"


def test_r34_out_of_service_until_somebody_returns_it(open_door: Desk) -> None:
    open_door.alarms.act("cabinet.door-open", "remove", "op", "at the maker's")
    open_door.alarms.set("cabinet", [])
    open_door.alarms.set("cabinet", [DOOR])
    assert open_door.state("cabinet.door-open") == "out-of-service"
    open_door.alarms.act("cabinet.door-open", "return", "op")
    assert open_door.state("cabinet.door-open") == "unacknowledged"


def test_r20_nobody_hides_movement_without_a_command(desk: Desk) -> None:
    desk.alarms.set("bollard", [MOVED])
    with pytest.raises(NotDone, match="R20"):
        desk.alarms.shelve("bollard.left-position", 60.0, "op", "annoying")
    with pytest.raises(NotDone, match="R20"):
        desk.alarms.act("bollard.left-position", "remove", "op", "annoying")


def test_nothing_can_be_done_about_an_alarm_that_does_not_stand(desk: Desk) -> None:
    with pytest.raises(NoSuchAlarm, match=r"cabinet\.door-open"):
        desk.alarms.act("cabinet.door-open", "acknowledge", "op")


# Suppression by design.


def test_a_unit_that_is_down_is_one_alarm_and_its_devices_are_suppressed(desk: Desk) -> None:
    desk.unit(SILENT)
    desk.alarms.set("loop", [OFFLINE])
    assert [s.id for s in desk.alarms.standing()] == ["io.no-answer"]
    (hidden,) = desk.alarms.hidden()
    assert (hidden.id, str(hidden.state), hidden.reason) == (
        "loop.offline",
        "suppressed",
        "io.no-answer says it already",
    )
    desk.unit()
    desk.alarms.set("loop", [])
    assert (desk.state("io.no-answer"), desk.state("loop.offline")) == ("returned-unacknowledged", "normal")


def test_a_device_that_was_unknown_before_its_unit_was_found_down_leaves_no_alarm_behind(desk: Desk) -> None:
    desk.alarms.set("loop", [Alarm("unknown", 3, "a reading is not fresh")])
    desk.unit(SILENT)
    assert desk.state("loop.unknown") == "suppressed"
    desk.alarms.set("loop", [OFFLINE])
    assert (desk.state("loop.unknown"), desk.state("loop.offline")) == ("normal", "suppressed")


def test_only_the_units_of_a_device_suppress_its_alarm(desk: Desk) -> None:
    desk.alarms.set("unit other", [SILENT], device="other")
    desk.alarms.set("loop", [OFFLINE, DOOR])
    assert {desk.state("loop.offline"), desk.state("loop.door-open")} == {"unacknowledged"}


def test_a_priority_1_alarm_is_not_suppressed(desk: Desk) -> None:
    desk.unit(SILENT)
    desk.alarms.set("bollard", [Alarm("offline", 1, "was moving")])
    assert desk.state("bollard.offline") == "unacknowledged"


def test_what_stays_when_its_cause_is_over_is_annunciated_a_tick_later(desk: Desk) -> None:
    desk.unit(SILENT)
    desk.alarms.set("loop", [OFFLINE])
    desk.unit()
    desk.alarms.tick()
    assert desk.state("loop.offline") == "suppressed"
    desk.alarms.tick()
    assert desk.state("loop.offline") == "unacknowledged"


def test_a_unit_and_a_device_of_one_name_do_not_end_each_others_alarms(desk: Desk) -> None:
    desk.unit(SILENT)
    desk.alarms.set("io", [DOOR])
    desk.unit()
    assert desk.state("io.door-open") == "unacknowledged"


# How many come.


def test_r35_a_flood_begins_above_10_in_10_min_and_ends_below_5(desk: Desk) -> None:
    for i in range(11):
        assert not desk.alarms.flood
        desk.alarms.set(f"d{i}", [DOOR])
    assert (desk.alarms.flood, desk.floods) == (True, [(True, 11)])
    desk.now = 600.0
    desk.alarms.tick()
    assert (desk.alarms.flood, desk.floods) == (False, [(True, 11), (False, 0)])


def test_r35_what_people_do_and_what_is_hidden_is_not_counted(open_door: Desk) -> None:
    for _ in range(20):
        open_door.alarms.shelve("cabinet.door-open", 60.0, "op", "works")
    open_door.alarms.act("cabinet.door-open", "remove", "op", "works")
    open_door.unit(SILENT)
    open_door.alarms.set("loop", [OFFLINE])
    assert open_door.alarms.kpi()["last_10_min"] == 2
    assert open_door.alarms.annunciated == {3: 2}


def test_the_figures_name_what_is_stale_chattering_and_hidden(open_door: Desk) -> None:
    open_door.now = 90_000.0
    for _ in range(3):
        open_door.alarms.set("hatch", [DOOR])
        open_door.alarms.set("hatch", [])
    open_door.unit(SILENT)
    open_door.alarms.set("loop", [OFFLINE])
    open_door.alarms.set("radar", [DOOR])
    open_door.alarms.shelve("radar.door-open", 60.0, "op", "works")
    kpi = open_door.alarms.kpi()
    assert {name: kpi[name] for name in ("stale", "chattering", "shelved", "suppressed", "out_of_service")} == {
        "stale": ["cabinet.door-open"],
        "chattering": ["hatch.door-open"],
        "shelved": ["radar.door-open"],
        "suppressed": ["loop.offline"],
        "out_of_service": [],
    }
    assert (kpi["last_hour"], kpi["priorities_last_hour"]["3"]) == (5, 5)
    counts = open_door.alarms.counts()
    assert (counts["shelved"], counts["suppressed"], counts["stale"], counts["chattering"]) == (1, 1, 1, 1)


def test_an_alarm_that_sounds_is_counted_until_it_is_acknowledged(desk: Desk) -> None:
    desk.alarms.set("radar", [Alarm("overspeed", 1, "fast", sound="pulsing")])
    desk.alarms.set("radar", [])
    assert desk.alarms.counts()["sounding"] == 1
    desk.alarms.act("radar.overspeed", "acknowledge", "op")
    assert desk.alarms.counts()["sounding"] == 0


def test_what_is_hidden_is_told_anew_before_the_journal_has_moved_on(
    open_door: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annunciator, "REMIND_EVERY", 10)
    open_door.alarms.shelve("cabinet.door-open", 60.0, "op", "works")
    for _ in range(10):
        open_door.alarms.set("hatch", [DOOR])
        open_door.alarms.set("hatch", [])
    told = [change.event for standing, change in open_door.told if standing.id == "cabinet.door-open"]
    assert told == ["comes", "shelve", "remind", "remind"]


def test_a_record_names_the_alarm_its_state_who_and_why(open_door: Desk) -> None:
    open_door.alarms.shelve("cabinet.door-open", 60.0, "op", "works")
    record = entry(*open_door.told[-1])
    assert (record.kind, record.device) == ("alarm", "cabinet")
    said = {
        "event": "shelve",
        "who": "op",
        "why": "works",
        "state": "shelved",
        "until": "t60",
        "id": "cabinet.door-open",
    }
    assert said.items() <= record.body.items()
