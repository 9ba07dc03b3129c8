"""Taking server-sent events apart (WHATWG HTML, 9.2.6)."""

from __future__ import annotations

import pytest

from controller.cli.sse import Parser, ServerEvent


def parsed(text: str) -> list[ServerEvent]:
    parser = Parser()
    return [event for line in text.split("\n") if (event := parser.feed(line)) is not None]


def test_an_event_ends_with_a_blank_line() -> None:
    assert parsed('id: b-1\nevent: device\ndata: {"id": "x"}\n\n') == [ServerEvent("b-1", "device", {"id": "x"})]


def test_comments_and_retry_are_no_events() -> None:
    assert parsed(": keep-alive\n\nretry: 1000\n\n") == []


def test_data_of_several_lines_belongs_together() -> None:
    assert parsed('data: {"a":\ndata: 1}\n\n')[0].data == {"a": 1}


def test_the_kind_does_not_outlive_its_event_and_the_id_does() -> None:
    first, second = parsed("id: b-1\nevent: device\ndata: {}\n\ndata: {}\n\n")
    assert (second.kind, second.id) == ("message", first.id)


def test_an_event_that_is_cut_off_is_none() -> None:
    assert parsed('event: device\ndata: {"id"') == []


def test_data_that_is_no_object_is_refused() -> None:
    with pytest.raises(ValueError, match="device"):
        parsed("event: device\ndata: 5\n\n")
