"""The words of the lists that sentences use, each a message of the catalogues: whatever `said.word` puts into a gap.

They are written out so that an extraction finds them, as it finds sentences: states, stages, modes, kinds, actions, the lives of
orders, roles, and how a wire fails. A test holds them against the lists.
"""

from __future__ import annotations

from controller.core.said import said

STATES = (
    said("unknown"), said("offline"), said("fault"), said("raised"), said("raising"), said("lowered"), said("lowering"),
    said("stopped"), said("halt"), said("go"), said("dark"), said("lit"), said("normal"), said("flashing"),
    said("failure"), said("clear"), said("occupied"), said("quiet"), said("target"), said("overspeed"),
    said("standby"), said("counting"), said("doubtful"), said("active"), said("free"), said("passing"),
    said("against"), said("wrong-way"),
)  # fmt: skip

STAGES = (
    said("requested"), said("opening"), said("open"), said("occupied"), said("cleared"), said("securing"), said("held"),
    said("done"), said("refused"), said("failed"), said("expired"), said("cancelled"), said("unknown"),
)  # fmt: skip

LIVES = (
    said("received"), said("refused"), said("accepted"), said("issued"), said("moving"), said("confirmed"),
    said("failed"), said("expired"), said("superseded"), said("unknown"),
)  # fmt: skip

ACTIONS = (
    said("raise"), said("lower"), said("stop"), said("release"), said("lock-out"), said("lift"), said("test"),
    said("end-test"), said("set-output"),
)  # fmt: skip

MODES = (said("remote"), said("local"), said("maintenance"), said("test"), said("efo"), said("unknown"))

KINDS = (
    said("bollard"), said("barrier"), said("road_blocker"), said("signal"), said("beacon"), said("traffic_controller"),
    said("loop"), said("radar"), said("counter"), said("contact"), said("direction"),
)  # fmt: skip

ROLES = (said("viewer"), said("operator"), said("technician"), said("supervisor"), said("administrator"))

FAILURES = (said("unreachable"), said("mute"), said("refusing"), said("garbled"), said("stranger"))
