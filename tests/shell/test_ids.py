from __future__ import annotations

import random
import threading
import uuid

from hypothesis import given
from hypothesis import strategies as st

from controller.ids import TAIL_BITS, Uuid7, uuid7

MS = st.integers(0, (1 << 48) - 1)


def test_an_id_has_the_layout_of_rfc_9562():
    """Appendix A.6: 2022-02-22 19:22:22 UTC, rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F."""
    tail = 0xCC3 << 62 | 0x18C4DC0C0C07398F
    assert Uuid7()(0x017F22E279B0, lambda _: tail) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(MS, st.integers(0))
def test_version_variant_and_time_are_where_they_belong(now_ms: int, seed: int):
    made = uuid.UUID(Uuid7()(now_ms, random.Random(seed).getrandbits))
    assert (made.version if now_ms else 7, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == now_ms or now_ms == 0


@given(st.lists(st.integers(1, 3), min_size=2, max_size=50))
def test_ids_rise_within_a_millisecond_and_when_the_clock_is_set_back(times: list[int]):
    make = Uuid7()
    made = [make(now_ms) for now_ms in times]
    assert made == sorted(set(made))


def test_a_millisecond_that_is_used_up_runs_into_the_next():
    make = Uuid7()
    first = make(5, lambda _: (1 << TAIL_BITS) - 1)
    second = make(5, lambda _: 0)
    assert first < second
    assert uuid.UUID(second).int >> 80 == 6


def test_the_same_seed_gives_the_same_ids():
    def three(seed: int) -> list[str]:
        make, source = Uuid7(), random.Random(seed)
        return [make(5, source.getrandbits) for _ in range(3)]

    assert three(1) == three(1) != three(2)


def test_threads_never_share_an_id():
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend(uuid7(7) for _ in range(500))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 2000
