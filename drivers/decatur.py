r"""Decatur SI-2 speed radar: `*Dhto.t,sss\r\n`, the speed to a tenth and the strength of the signal in dB (manual p. 81; 8N1).

D is `+` approaching, `-` receding, `?` unknown. The speed is in the unit that the radar is set to.
"""

from __future__ import annotations

from drivers.serial_frames import Form, Frame, spelled

APPROACHING = {ord("+"): True, ord("-"): False, ord("?"): None}


def _read(raw: bytes) -> Frame:
    return Frame({"speed": float(raw[2:7]), "approaching": APPROACHING[raw[1]], "strength": int(raw[8:11])})


SI2 = (Form(spelled("*d###.#,###\r\n", {"d": b"+-?"}), _read),)
