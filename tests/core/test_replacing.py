"""A value that is made from another is what the library would have made."""

from __future__ import annotations

import dataclasses
import pickle
from dataclasses import dataclass, field

import pytest

from controller.core.device import Device
from controller.core.replacing import replace
from tests.core.rig import ready


@dataclass(frozen=True, slots=True)
class Base:
    first: int
    second: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived(Base):
    third: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Looking:
    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


@dataclass(frozen=True, slots=True)
class Counting:
    given: int
    made: int = field(init=False, default=7)


@dataclass
class Loose:
    one: int
    two: int


@dataclass(frozen=True, slots=True)
class Single:
    only: int


def test_every_field_is_kept_but_those_that_change() -> None:
    mover = ready().device
    after = replace(mover, why="new", since=3.0)
    assert after == dataclasses.replace(mover, why="new", since=3.0)
    assert type(after) is type(mover)
    assert (mover.why, mover.since) != ("new", 3.0)


def test_what_is_not_changed_is_the_same_thing() -> None:
    mover = ready().device
    assert all(getattr(replace(mover), f.name) is getattr(mover, f.name) for f in dataclasses.fields(mover))


def test_the_fields_of_a_base_are_fields_of_what_derives_from_it() -> None:
    assert replace(Derived(1, third=(4,)), second=5) == Derived(1, 5, third=(4,))
    assert replace(Derived(1), third=(6,)) == Derived(1, 2, third=(6,))


def test_what_it_makes_stays_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        replace(Base(1), first=2).first = 3  # type: ignore[misc]


def test_what_it_makes_is_of_no_other_class_than_what_it_was_made_from() -> None:
    made = replace(Derived(1), third=(6,))
    assert type(made) is Derived
    assert (hash(made), repr(made)) == (hash(Derived(1, third=(6,))), repr(Derived(1, third=(6,))))
    with pytest.raises(dataclasses.FrozenInstanceError):
        del made.third
    assert pickle.loads(pickle.dumps(made)) == made


def test_a_value_that_is_refused_a_change_is_left_as_it_was() -> None:
    base = Base(1)
    with pytest.raises(TypeError):
        replace(base, first=9, fourth=4)  # type: ignore[call-arg]
    assert (base, type(base)) == (Base(1, 2), Base)


def test_a_field_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="Base has no field 'fourth'"):
        replace(Base(1), fourth=4)  # type: ignore[call-arg]


def test_what_looks_at_its_fields_when_it_is_made_still_does() -> None:
    with pytest.raises(ValueError, match="low is above high"):
        replace(Looking(1, 2), low=3)


def test_what_the_constructor_does_not_take_is_left_to_the_library() -> None:
    with pytest.raises((TypeError, ValueError), match="made"):
        replace(Counting(1), made=8)
    assert replace(Counting(1), given=2) == Counting(2)


def test_values_without_slots_and_of_one_field_are_replaced_too() -> None:
    assert replace(Loose(1, 2), two=3) == Loose(1, 3)
    assert replace(Single(1), only=2) == Single(2)


def test_a_value_of_another_class_has_its_own_fields() -> None:
    device = Device(spec=ready().spec, state="clear")
    assert replace(device, state="occupied").state == "occupied"
