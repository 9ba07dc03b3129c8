"""Who listens on which topic, as the standard and paho's own comparison have it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub

from drivers.mqtt_topics import Topics

LEVELS = st.lists(st.sampled_from(["a", "b", "", "$SYS"]), min_size=1, max_size=4)
NAMES = LEVELS.map("/".join).filter(bool)
PATTERNS = st.builds(
    lambda levels, last: "/".join([*levels, *last]),
    st.lists(st.sampled_from(["a", "b", "", "+", "$SYS"]), max_size=3),
    st.sampled_from([["#"], ["a"], ["+"]]),
)


def listening(*patterns: str) -> Topics[int]:
    topics: Topics[int] = Topics()
    for number, pattern in enumerate(patterns):
        topics.put(f"unit-{number}", pattern, number)
    return topics


@given(st.lists(PATTERNS, max_size=6), NAMES)
def test_a_message_goes_to_those_whose_filter_it_matches(patterns: list[str], name: str):
    found = sorted(listening(*patterns).matching(name))
    assert found == [number for number, pattern in enumerate(patterns) if topic_matches_sub(pattern, name)]


@given(st.lists(PATTERNS, min_size=1, max_size=6), st.data())
def test_who_is_gone_gets_nothing_and_the_others_go_on(patterns: list[str], data: st.DataObject):
    topics, gone = listening(*patterns), data.draw(st.sampled_from(range(len(patterns))))
    assert topics.pop(f"unit-{gone}") == gone
    name = data.draw(NAMES)
    expected = [n for n, pattern in enumerate(patterns) if n != gone and topic_matches_sub(pattern, name)]
    assert sorted(topics.matching(name)) == expected
    assert topics.get(f"unit-{gone}") is None
    assert topics.pop(f"unit-{gone}") is None


def test_whoever_comes_back_gets_what_comes_from_then_on():
    topics = listening("site/counter")
    topics.pop("unit-0")
    topics.put("unit-0", "site/counter", 7)
    assert list(topics.matching("site/counter")) == [7]
    assert topics.get("unit-0") == 7


def test_all_are_forgotten_at_once():
    topics = listening("site/+", "site/counter")
    assert topics.clear() == [0, 1]
    assert list(topics.matching("site/counter")) == []
    assert topics.get("unit-0") is None
