"""What every Link must do, whatever its protocol (controller.ports.Link). See adapter.py for how a protocol joins."""

from __future__ import annotations

from tests.links.suite.closing import Closing
from tests.links.suite.deadlines import Deadlines
from tests.links.suite.loss import Loss
from tests.links.suite.opening import Opening
from tests.links.suite.pushing import Pushing
from tests.links.suite.talking import Talking
from tests.links.suite.turns import Turns


class Conformance(Opening, Talking, Deadlines, Loss, Turns, Closing, Pushing):
    """The suite. Subclass it with `adapter` set to a kind of Adapter."""

    def __init_subclass__(cls) -> None:
        for case, reason in cls.adapter.not_applicable.items():
            assert callable(getattr(Conformance, case, None)), f"no such case: {case}"
            assert len(reason) > 10, f"{case}: why does it not apply?"
            setattr(cls, case, None)
