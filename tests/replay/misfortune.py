"""What befalls a peer, and what is asked of it meanwhile: drawn from a seed, so that a failure can be tried again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

COUNT_FROM = 1000
"""Values of orders begin here: the first of a peer is one more."""


class Fault(StrEnum):
    """What is done to the peer."""

    FIN = "fin"  # its connections are closed in order; what still comes is read
    RST = "rst"  # its connections are torn down; a serial port is unplugged
    SILENT = "silent"  # it takes everything, does it, and says nothing
    FROZEN = "frozen"  # it takes nothing; once revived it does and answers all that came meanwhile


class Trigger(StrEnum):
    """What `amount` counts, from the moment that the first order is given."""

    SECONDS = "seconds"
    BYTES_IN = "bytes in"  # read by the peer: within requests, and after one before its answer
    BYTES_OUT = "bytes out"  # of its answers
    CONNECT = "connect"  # the peer is cut first; `amount` connections later it is struck


@dataclass(frozen=True, slots=True)
class Order:
    """One order: given `at_s` after the first may be, with `lifetime_s` to live; taken back or abandoned before it ends."""

    value: int
    at_s: float
    lifetime_s: float
    points: int
    urgent: bool
    withdrawn_s: float | None
    abandoned_s: float | None


@dataclass(frozen=True, slots=True)
class Misfortune:
    """One run. `away` says whether nobody listens while the peer is cut; `stopped_s` when the controller is restarted;
    `stalled_s` when, and for how long, this very process does nothing at all; `turn_s` how long each turn of its loop
    lasts once an order has been given.
    """

    seed: int
    fault: Fault
    trigger: Trigger
    amount: float
    down_s: float
    away: bool
    orders: tuple[Order, ...]
    stopped_s: float | None
    stalled_s: tuple[float, float] | None
    turn_s: float = 0.0


def draw(transport: str, seed: int, *, frame: int, serial: bool) -> Misfortune:
    """Draw a run; `frame` is about the length of a request in bytes."""
    chance = random.Random(f"{transport}/{seed}")
    trigger = chance.choice(list(Trigger))
    amount = {
        Trigger.SECONDS: round(chance.uniform(0, 0.25), 4),
        Trigger.BYTES_IN: chance.randint(1, 3 * frame),
        Trigger.BYTES_OUT: chance.randint(0, 3 * frame),
        Trigger.CONNECT: chance.randint(1, 2),
    }[trigger]
    faults = [Fault.RST, Fault.SILENT, Fault.FROZEN] if serial else list(Fault)
    at, orders = 0.0, []
    for number in range(chance.randint(1, 4)):
        orders.append(_order(chance, COUNT_FROM + number + 1, at))
        at = round(at + chance.choice([0.0, chance.uniform(0, 0.12)]), 4)
    return Misfortune(
        seed,
        chance.choice(faults),
        trigger,
        amount,
        round(chance.choice([chance.uniform(0.01, 0.2), chance.uniform(0.2, 0.9)]), 4),
        chance.random() < 0.5,
        tuple(orders),
        round(chance.uniform(0, 0.3), 4) if chance.random() < 0.2 else None,
        (round(chance.uniform(0, 0.2), 4), round(chance.uniform(0.01, 0.04), 4)) if chance.random() < 0.1 else None,
    )


def sluggish(transport: str, runs: int = 3, slower: int = 1) -> list[Misfortune]:
    """Draw runs in a slow process: eight short orders each, whose deadlines pass anywhere between their turn and the wire.

    An order is handed over 0.03 s after it was given at the earliest: for so many turns the endpoint waits. All of it
    takes `slower` times as long where a loaded machine adds so much of its own that every order is over before its turn.
    """
    chance = random.Random(f"{transport}/sluggish")
    over_s, turn_s = 0.25 * 9 * slower, 0.01 * slower
    return [
        Misfortune(
            seed, Fault.RST, Trigger.SECONDS, over_s, 0.01, False, _short(chance, slower), None, None, turn_s=turn_s
        )
        for seed in range(runs)
    ]


def answerless(down_s: float, runs: int = 3) -> list[Misfortune]:
    """Return runs in which the peer does the one order that it gets, and says nothing of it nor for `down_s` more."""
    order = Order(COUNT_FROM + 1, 0.0, 5.0, 1, False, None, None)
    return [
        Misfortune(seed, Fault.SILENT, Trigger.BYTES_IN, 1, down_s, False, (order,), None, None) for seed in range(runs)
    ]


def _short(chance: random.Random, slower: int) -> tuple[Order, ...]:
    return tuple(
        Order(
            COUNT_FROM + number,
            round((number * 0.25 + chance.uniform(-0.1, 0.1)) * slower, 4),
            round(chance.uniform(0.035, 0.075) * slower, 4),
            1, False, None, None,
        )
        for number in range(1, 9)
    )  # fmt: skip


def _order(chance: random.Random, value: int, at: float) -> Order:
    fate = chance.random()
    return Order(
        value,
        at,
        round(chance.choice([chance.uniform(0.001, 0.1), chance.uniform(0.1, 0.6)]), 4),
        2 if chance.random() < 0.2 else 1,
        chance.random() < 0.3,
        round(chance.uniform(0, 0.1), 4) if fate < 0.1 else None,
        round(chance.uniform(0, 0.1), 4) if 0.1 <= fate < 0.3 else None,
    )
