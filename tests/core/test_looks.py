"""The readings of one look at a unit, made when somebody wants them."""

from __future__ import annotations

import pytest

from controller.core.readings import Look, bad, good


def test_a_look_holds_the_readings_of_what_was_found():
    look = Look({"raised": True, "pressure": None}, 4.0)
    assert look == {"raised": good(True, 4.0), "pressure": bad(4.0)}
    assert list(look) == ["raised", "pressure"]
    assert len(look) == 2
    assert "lowered" not in look
    with pytest.raises(KeyError):
        look["lowered"]
