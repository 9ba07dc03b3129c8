"""The words that the controller uses, each a message of the catalogues: states, modes, kinds, actions, qualities."""

from __future__ import annotations

from collections.abc import Mapping


def _(message: str) -> str:
    """Mark a message for the catalogues; it is said where it is shown."""
    return message


STATES: Mapping[str, str] = {
    "unknown": _("unknown"), "raised": _("raised"), "raising": _("raising"), "lowered": _("lowered"),
    "lowering": _("lowering"), "stopped": _("stopped"), "fault": _("fault"), "offline": _("offline"),
    "occupied": _("occupied"), "clear": _("clear"), "halt": _("halt"), "go": _("go"), "dark": _("dark"),
    "active": _("active"), "normal": _("normal"), "lit": _("lit"), "quiet": _("quiet"), "target": _("target"),
    "overspeed": _("overspeed"), "standby": _("standby"), "counting": _("counting"), "doubtful": _("doubtful"),
    "flashing": _("flashing"), "failure": _("failure"), "free": _("free"), "passing": _("passing"),
    "against": _("against the direction"), "wrong-way": _("wrong way"),
}  # fmt: skip

MODES: Mapping[str, str] = {
    "remote": _("remote"), "local": _("local"), "maintenance": _("maintenance"), "test": _("test"),
    "efo": _("lockdown"), "unknown": _("unknown"),
}  # fmt: skip

KINDS: Mapping[str, str] = {
    "bollard": _("bollard"), "barrier": _("barrier"), "road_blocker": _("road blocker"), "signal": _("signal"),
    "beacon": _("beacon"), "traffic_controller": _("traffic controller"), "loop": _("loop"), "radar": _("radar"),
    "counter": _("counter"), "contact": _("contact"), "direction": _("direction"),
}  # fmt: skip

ACTIONS: Mapping[str, str] = {
    "raise": _("Raise"), "lower": _("Lower"), "stop": _("Stop"), "secure": _("Secure"), "open": _("Open"),
    "lockdown": _("Lockdown"), "release": _("End lockdown"), "lock-out": _("Lock out"), "lift": _("Lift lock-out"),
    "test": _("Take for test"), "end-test": _("End test"), "re-arm": _("Re-arm"), "set-output": _("Set output"),
}  # fmt: skip

LIVES: Mapping[str, str] = {
    "received": _("sent"), "sent": _("sent"), "accepted": _("accepted"), "issued": _("issued"), "moving": _("moving"),
    "confirmed": _("confirmed"), "refused": _("refused"), "failed": _("failed"), "expired": _("expired"),
    "superseded": _("superseded"), "unknown": _("outcome not known"),
}  # fmt: skip

LOOKS: Mapping[str, str] = {
    "closed": _("closed"), "open": _("open"), "unknown": _("not known"), "moving": _("moving"), "fault": _("fault"),
    "alert": _("alert"), "normal": _("normal"),
}  # fmt: skip

ALARM_STATES: Mapping[str, str] = {
    "unacknowledged": _("new"), "acknowledged": _("seen"), "returned-unacknowledged": _("over, not seen"),
    "shelved": _("shelved"), "suppressed": _("suppressed"), "out-of-service": _("out of service"), "normal": _("normal"),
}  # fmt: skip

QUALITIES: Mapping[str, str] = {"good": _("good"), "uncertain": _("uncertain"), "bad": _("bad")}

ROLES: Mapping[str, str] = {
    "viewer": _("viewer"), "operator": _("operator"), "technician": _("technician"), "supervisor": _("supervisor"),
    "administrator": _("administrator"),
}  # fmt: skip

PROBLEMS: Mapping[str, str] = {
    "forbidden": _("Your role may not do this."),
    "not-done": _("This cannot be done now."),
    "not-under-way": _("It is not under way any more."),
    "invalid": _("The controller does not take this as it was filled in."),
    "starting": _("The controller is starting: try again in a few seconds."),
    "not-ready": _("The controller is starting: try again in a few seconds."),
    "journal-unavailable": _("The journal cannot be used at this moment, and nothing is done unrecorded."),
    "people-unavailable": _("The controller cannot tell at this moment who may do this: try again in a few seconds."),
    "no-session": _("Your session has ended: log in again."),
    "other-session": _("This form is not of this session: reload the page."),
    "": _("The controller has turned this down."),
}
"""What an error of the API or of a form means, by its code; the last one for any other. The details are told beside it."""

TURNED_AWAY = _("turned away")

STAGES: Mapping[str, str] = {
    "requested": _("waits its turn"), "opening": _("opening"), "open": _("open, waits for the vehicle"),
    "occupied": _("vehicle in the way"), "cleared": _("vehicle through"), "securing": _("securing"),
    "held": _("STAYS OPEN until somebody secures it"), "done": _("done"), "refused": _("refused"), "expired": _("expired"),
    "failed": _("failed"), "cancelled": _("cancelled"), "unknown": _("outcome not known"),
}  # fmt: skip

FORMS: Mapping[str, str] = {"single": _("one vehicle"), "airlock": _("through the airlock"), "route": _("route")}

RECORDS: Mapping[str, str] = {
    "alarm": _("alarm"), "command": _("order"), "device": _("device"), "journal-recovered": _("journal recovered"),
    "mode": _("who may move it"), "passage": _("passage"), "people": _("people"), "service": _("controller"),
    "turned-away": _("turned away"), "unit": _("unit"),
}  # fmt: skip

EVENTS: Mapping[str, str] = {
    "started": _("started"), "stopped": _("stopped"), "recalled": _("found out what an earlier run left open"),
    "up": _("answers"), "down": _("does not answer"), "watchdog-expired": _("its watchdog expired"),
    "comes": _("comes"), "goes": _("over"), "changes": _("changed"), "acknowledge": _("acknowledged"),
    "shelve": _("shelved"), "unshelve": _("shown again"), "suppress": _("suppressed"), "unsuppress": _("no longer suppressed"),
    "remove": _("taken out of service"), "return": _("returned to service"), "restore": _("hidden as before the restart"),
    "remind": _("still hidden"), "flood": _("alarm flood"), "flood-over": _("end of the alarm flood"),
    "user-added": _("user added"), "user-changed": _("user changed"), "user-removed": _("user removed"),
    "token-added": _("token added"), "token-removed": _("token removed"),
    "login": _("logged in"), "logout": _("logged out"), "login-failed": _("failed to log in"),
}  # fmt: skip
