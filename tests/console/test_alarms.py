"""The life of an alarm in a browser (ISA-18.2): seen, hidden with a reason, brought back; a flood, the figures, the sound.

The flood lasts ten minutes, so that whatever is behind its test happens within it.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import APIResponse, Locator, Page, expect

from tests.console.conftest import PASSWORD, Desk
from tests.system.field import wait_for

Visit = Callable[..., Page]
ALARMS = {
    "albert-cabinet": "door-open",
    "massena-cabinet": "door-open",
    "albert-mains": "mains-lost",
    "massena-mains": "mains-lost",
    "massena-battery": "battery",
}
"""The contacts that these tests disturb, and the alarm of each."""
MINE = (*(f"{contact}.{name}" for contact, name in ALARMS.items()), "albert-radar.overspeed")
"""The alarms that these tests are about; on a busy machine a unit of the field may be late and alarm as well."""


@pytest.fixture
def quiet(desk: Desk) -> Iterator[Desk]:
    """The desk with none of these alarms, hidden or not, before a test and after it."""
    clear(desk)
    yield desk
    clear(desk)


def clear(desk: Desk) -> None:
    desk.field.ask("restore")
    desk.promenade.restore()

    def look() -> bool:
        told = {key: [one for one in standing(desk)[key] if one["id"] in MINE] for key in ("alarms", "hidden")}
        for one in told["hidden"]:
            what = {"shelved": "unshelve", "out-of-service": "return"}.get(one["state"])
            if what:
                desk.controller.http.post(f"/api/v1/alarms/{one['id']}/{what}", json={})
        for one in told["alarms"]:
            if not one["active"]:
                desk.controller.http.post(f"/api/v1/alarms/{one['id']}/acknowledge", json={})
        return not told["alarms"] and not told["hidden"]

    wait_for("no alarm", look)


def standing(desk: Desk) -> dict[str, Any]:
    return dict(desk.controller.get("/api/v1/alarms"))


def states(desk: Desk) -> dict[str, str]:
    told = standing(desk)
    return {one["id"]: one["state"] for one in [*told["alarms"], *told["hidden"]] if one["id"] in MINE}


def disturb(desk: Desk, contact: str, disturbed: bool = True) -> None:
    desk.field.ask("contact", plant=contact, disturbed=disturbed)
    desk.controller.shows(contact, "active" if disturbed else "normal")


def row(page: Page, alarm: str) -> Locator:
    """The row of an alarm; in a flood, which every test may have to do with, its group is opened."""
    found = page.locator(f"[id='alarm-{alarm}']")
    expect(found).to_be_attached()
    if found.is_hidden():
        page.locator("details.group", has=found).locator("summary").click()
    expect(found).to_be_visible()
    return found


def hidden(page: Page) -> Locator:
    return page.get_by_role("region", name="Hidden")


def test_r34_one_alarm_is_acknowledged_by_keyboard(quiet: Desk, visit: Visit) -> None:
    disturb(quiet, "albert-cabinet")
    page = visit("olga", "/alarms")
    alarm = row(page, "albert-cabinet.door-open")
    expect(alarm).to_contain_text("new")
    alarm.get_by_role("button", name="Acknowledge").press("Enter")
    expect(alarm).to_contain_text("seen")
    expect(alarm).to_contain_text("olga")
    expect(row(page, "albert-cabinet.door-open").get_by_role("button", name="Acknowledge")).to_have_count(0)
    assert states(quiet)["albert-cabinet.door-open"] == "acknowledged"


def test_r35_a_flood_is_grouped_and_a_group_is_acknowledged_when_it_is_open(quiet: Desk, visit: Visit) -> None:
    for _ in range(3):
        for contact in ALARMS:
            disturb(quiet, contact, False)
            disturb(quiet, contact)
    wait_for("the flood", lambda: standing(quiet)["flood"])
    page = visit("olga", "/alarms")
    expect(page.locator(".flooded")).to_contain_text("Alarm flood")
    group = page.locator("#group-albert-mains")
    expect(group).to_contain_text(re.compile(r"\d alarms?\b"))
    expect(group).to_contain_text("first here")
    expect(page.get_by_text("came first of all")).to_have_count(1)
    expect(page.locator("#ack-shown")).to_have_count(0)
    expect(group.get_by_role("button")).to_have_count(0)
    group.locator("summary").press("Enter")
    group.locator("button.do-acknowledge").first.click()
    wait_for("seen", lambda: states(quiet)["albert-mains.mains-lost"] == "acknowledged")
    assert states(quiet)["massena-mains.mains-lost"] == "unacknowledged"
    group.locator("summary").click()
    disturb(quiet, "massena-battery", False)
    expect(page.locator("#group-massena-battery")).to_contain_text(re.compile("0|1 alarm"))
    expect(group).to_have_attribute("open", "")
    page.get_by_role("link", name="Figures").click()
    expect(page.locator("#last_10_min .verdict")).to_contain_text("too many")
    expect(page.locator("#floods")).to_contain_text("one at this moment")
    assert int(page.locator("#last_hour td").first.inner_text()) >= 3 * len(ALARMS)


def press(page: Page, shown: str) -> APIResponse:
    """What a press on "acknowledge what is shown" sends."""
    proof = str(page.locator("body").get_attribute("data-proof"))
    return page.context.request.post("/alarms/acknowledge", form={"shown": shown, "proof": proof})


def shown(page: Page, alarm: str) -> str:
    """What the page has of an alarm as it shows it."""
    return str(page.locator(f"[id='ack-{alarm}']").get_attribute("value"))


def test_one_press_acknowledges_what_was_shown_and_not_what_came_since(quiet: Desk, visit: Visit) -> None:
    disturb(quiet, "albert-cabinet")
    disturb(quiet, "massena-cabinet")
    page = visit("olga", "/alarms")
    seen = " ".join(shown(page, f"{door}.door-open") for door in ("albert-cabinet", "massena-cabinet"))
    disturb(quiet, "massena-battery")
    assert press(page, seen).ok
    assert states(quiet) == {
        "albert-cabinet.door-open": "acknowledged",
        "massena-cabinet.door-open": "acknowledged",
        "massena-battery.battery": "unacknowledged",
    }
    many = press(page, " ".join(f"a{n}|b" for n in range(21)))
    assert many.status == 422
    assert "More was to be acknowledged than one page shows" in many.text()


def test_an_alarm_that_came_anew_is_not_the_one_that_was_seen(quiet: Desk, visit: Visit) -> None:
    disturb(quiet, "albert-cabinet")
    page = visit("olga", "/alarms")
    old = shown(page, "albert-cabinet.door-open")
    disturb(quiet, "albert-cabinet", False)
    disturb(quiet, "albert-cabinet", True)
    answer = press(page, old)
    assert answer.status == 409
    assert "It came anew after you looked" in answer.text()
    assert states(quiet) == {"albert-cabinet.door-open": "unacknowledged"}


def test_what_changed_meanwhile_is_told_and_not_swallowed(quiet: Desk, visit: Visit) -> None:
    disturb(quiet, "albert-cabinet")
    page = visit("olga", "/alarms/albert-cabinet.door-open/shelve")
    disturb(quiet, "albert-cabinet", False)
    for one in standing(quiet)["alarms"]:
        quiet.controller.http.post(f"/api/v1/alarms/{one['id']}/acknowledge", json={})
    page.get_by_label("Why").fill("the door is being painted")
    page.get_by_role("button", name="Shelve", exact=True).click()
    told = page.locator("#failed")
    expect(told).to_contain_text("albert-cabinet.door-open: It is over, or somebody has seen to it meanwhile.")


def test_what_the_controller_refuses_is_told_and_not_swallowed(quiet: Desk, visit: Visit) -> None:
    disturb(quiet, "albert-cabinet")
    one = "/api/v1/alarms/albert-cabinet.door-open"
    page = visit("olga", "/alarms/albert-cabinet.door-open/shelve")
    assert quiet.controller.http.post(f"{one}/remove", json={"reason": "broken"}).is_success
    page.get_by_label("Why").fill("the door is being painted")
    page.get_by_role("button", name="Shelve", exact=True).click()
    expect(page.locator("#failed")).to_contain_text("it is out of service already")


def test_r36_an_alarm_is_shelved_for_a_time_with_a_reason_and_shown_again(quiet: Desk, visit: Visit) -> None:
    disturb(quiet, "albert-cabinet")
    page = visit("olga", "/alarms")
    row(page, "albert-cabinet.door-open").get_by_role("link", name="Shelve albert-cabinet.door-open").click()
    page.get_by_label("For how long").select_option("7200")
    page.get_by_label("Why").fill("no")
    page.locator("form.hiding").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Shelve", exact=True).click()
    expect(page.get_by_label("Why")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("For how long")).to_have_value("7200")
    page.get_by_label("Why").fill("the door is being painted")
    page.get_by_role("button", name="Shelve", exact=True).click()
    expect(hidden(page)).to_contain_text("olga: the door is being painted")
    expect(hidden(page)).to_contain_text("until")
    expect(hidden(page)).to_contain_text("its condition stands")
    assert states(quiet) == {"albert-cabinet.door-open": "shelved"}
    hidden(page).get_by_role("button", name="Show albert-cabinet.door-open again").click()
    expect(page.locator("[id='alarm-albert-cabinet.door-open']")).to_contain_text("new")
    assert states(quiet) == {"albert-cabinet.door-open": "unacknowledged"}


def test_r34_a_supervisor_takes_an_alarm_out_of_service_and_an_operator_does_not(quiet: Desk, visit: Visit) -> None:
    disturb(quiet, "albert-cabinet")
    olga = visit("olga", "/alarms")
    expect(row(olga, "albert-cabinet.door-open").get_by_role("link", name="Shelve")).to_be_visible()
    expect(row(olga, "albert-cabinet.door-open").get_by_role("link", name="out of service")).to_have_count(0)
    page = visit("sam", "/alarms")
    row(page, "albert-cabinet.door-open").get_by_role("link", name="out of service").click()
    page.get_by_label("Why").fill("the contact is broken")
    page.get_by_role("button", name="Take out of service").click()
    expect(hidden(page)).to_contain_text("sam: the contact is broken")
    expect(hidden(olga)).to_contain_text("sam: the contact is broken")
    expect(hidden(olga).get_by_role("button", name="Return")).to_have_count(0)
    hidden(page).get_by_role("button", name="Return albert-cabinet.door-open to service").click()
    expect(page.locator("[id='alarm-albert-cabinet.door-open']")).to_contain_text("new")


def test_a_viewer_looks_and_the_controller_refuses_a_forged_form(quiet: Desk, visit: Visit) -> None:
    disturb(quiet, "albert-cabinet")
    page = visit("vic", "/alarms")
    expect(page.locator("main")).to_contain_text("Your role may look at alarms")
    expect(row(page, "albert-cabinet.door-open")).to_be_visible()
    expect(page.locator("main").get_by_role("button")).to_have_count(0)
    seen = shown(page, "albert-cabinet.door-open")
    proof = str(page.locator("body").get_attribute("data-proof"))
    one = "/alarms/albert-cabinet.door-open"
    for path in ("/alarms/acknowledge", f"{one}/shelve", f"{one}/unshelve", f"{one}/remove", f"{one}/return"):
        fields = {"proof": proof, "shown": seen, "reason": "because", "for_s": "900"}
        answer = page.context.request.post(path, form={**fields})
        assert answer.status == 403, path
        assert "Your role may not do this" in answer.text()
    assert states(quiet) == {"albert-cabinet.door-open": "unacknowledged"}


MOVED = """() => {
  window.moved = [];
  document.addEventListener("rempart:part", ({ detail }) => {
    if (detail.startsWith("alarm-list")) window.moved.push(document.getElementById(detail).classList.contains("settling"));
  });
}"""


def test_a_list_that_has_moved_under_a_finger_takes_no_press_for_a_moment(quiet: Desk, visit: Visit) -> None:
    disturb(quiet, "albert-cabinet")
    page = visit("olga", "/alarms")
    button = row(page, "albert-cabinet.door-open").get_by_role("button", name="Acknowledge")
    expect(button).to_have_css("pointer-events", "auto")
    page.evaluate(MOVED)
    disturb(quiet, "massena-cabinet")
    row(page, "massena-cabinet.door-open")
    assert True in page.evaluate("window.moved")
    button.click()  # which waits until the list lies still
    expect(row(page, "albert-cabinet.door-open")).to_contain_text("seen")
    assert states(quiet)["massena-cabinet.door-open"] == "unacknowledged"


def test_r23_an_overspeed_sounds_until_it_is_acknowledged(quiet: Desk, visit: Visit) -> None:
    page = visit("olga", "/")
    body = page.locator("body")
    page.locator("h1").click()
    expect(body).to_have_attribute("data-audio", "running")
    expect(body).to_have_attribute("data-sounding", "")
    quiet.field.ask("drive", lane="albert", kmh=90)
    expect(body).to_have_attribute("data-sounding", "pulsing")
    page.goto("/alarms")
    expect(body).to_have_attribute("data-sounding", re.compile("pulsing|off"))
    page.locator("h1").click()
    expect(body).to_have_attribute("data-sounding", "pulsing")
    row(page, "albert-radar.overspeed").get_by_role("button", name="Acknowledge").click()
    expect(body).to_have_attribute("data-sounding", "")


def test_r23_who_has_muted_a_window_sees_it_there_until_it_sounds_again(quiet: Desk, visit: Visit) -> None:
    page = visit("olga", "/alarms")
    body, sound = page.locator("body"), page.locator("#sound")
    page.locator("h1").click()
    quiet.field.ask("drive", lane="albert", kmh=90)
    expect(body).to_have_attribute("data-sounding", "pulsing")
    sound.get_by_role("button", name="Mute").press("Enter")
    expect(body).to_have_attribute("data-sounding", "muted")
    page.goto("/")
    expect(sound).to_contain_text("MUTED until the next alarm: press for sound")
    expect(body).to_have_attribute("data-sounding", "muted")
    sound.get_by_role("button").click()
    expect(body).to_have_attribute("data-sounding", "pulsing")
    assert page.evaluate("sessionStorage.getItem('muted-of')") is None


def test_r23_an_alarm_that_comes_after_the_window_was_muted_is_heard(quiet: Desk, visit: Visit) -> None:
    page = visit("olga", "/alarms")
    body = page.locator("body")
    page.locator("h1").click()
    quiet.field.ask("drive", lane="albert", kmh=90)
    expect(body).to_have_attribute("data-sounding", "pulsing")
    page.locator("#sound").get_by_role("button", name="Mute").click()
    expect(body).to_have_attribute("data-sounding", "muted")
    row(page, "albert-radar.overspeed").get_by_role("button", name="Acknowledge").click()
    expect(body).to_have_attribute("data-sounding", "")
    expect(page.locator("#sound")).to_contain_text("MUTED until the next alarm")
    clear(quiet)
    quiet.field.ask("drive", lane="albert", kmh=90)
    expect(body).to_have_attribute("data-sounding", "pulsing")
    expect(page.locator("#sound")).to_contain_text("Mute")


def test_r23_a_page_that_is_lost_is_heard_until_it_is_muted_or_found(quiet: Desk, visit: Visit) -> None:
    page = visit("olga", "/alarms")
    body, mute = page.locator("body"), page.locator("#sound").get_by_role("button")
    page.locator("h1").click()
    expect(body).to_have_attribute("data-audio", "running")
    for silenced in (True, False):  # the second loss was not muted with the first one
        quiet.console.child.send_signal(signal.SIGSTOP)
        expect(body).to_have_attribute("data-sounding", "pulsing")
        if silenced:
            mute.click()
            expect(body).to_have_attribute("data-sounding", "muted")
        quiet.console.child.send_signal(signal.SIGCONT)
        expect(page.locator("#lost")).to_be_hidden()
        expect(body).to_have_attribute("data-sounding", "")


def test_r23_a_loss_that_was_muted_on_another_page_is_over_on_this_one(quiet: Desk, visit: Visit) -> None:
    page = visit("olga", "/alarms")
    page.evaluate("sessionStorage.setItem('muted-of', JSON.stringify({ alarms: ['x|then'], lost: true }))")
    page.reload()
    expect(page.locator("#sound")).to_contain_text("MUTED")
    assert page.evaluate("JSON.parse(sessionStorage.getItem('muted-of'))") == {"alarms": ["x|then"], "lost": False}


def test_r23_a_page_that_may_not_sound_yet_says_so(quiet: Desk, visit: Visit) -> None:
    with httpx.Client(base_url=quiet.controller.card["url"]) as api:
        token = api.post("/api/v1/sessions", json={"user": "olga", "password": PASSWORD}).json()["token"]
    page = visit("", "/login")
    name = f"rempart-session-{httpx.URL(quiet.url).port}"
    page.context.add_cookies([{"name": name, "value": token, "url": quiet.url}])
    quiet.field.ask("drive", lane="albert", kmh=90)
    page.goto("/alarms")
    body, sound = page.locator("body"), page.locator("#sound")
    expect(sound).to_contain_text("Sound is off: press to enable")
    expect(body).to_have_attribute("data-sounding", "off")
    sound.get_by_role("button").click()
    expect(body).to_have_attribute("data-audio", "running")
    expect(body).to_have_attribute("data-sounding", "pulsing")
