"""What a translation of a sentence needs, as a JSON schema."""

from __future__ import annotations

from controller.api.schemas import TEXT, Schema, ref, thing

_EXAMPLE = {
    "id": "loop clear for {clear:.1f} s only; {needed:.1f} s is required",
    "gaps": {"clear": 0.4, "needed": 1.0},
}

WORD_SCHEMAS: dict[str, Schema] = {
    "Said": thing(
        _EXAMPLE,
        id={**TEXT, "description": "The English sentence with its gaps (Python's str.format): the key of a catalogue."},
        gaps={
            "type": "object",
            "additionalProperties": {"anyOf": [ref("Said"), {"type": ["string", "number", "boolean", "null"]}]},
            "description": "What is in the gaps: names, numbers, or sentences and words that are translated too.",
        },
    ),
}
