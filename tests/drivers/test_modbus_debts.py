from __future__ import annotations

from controller.ports import Point
from drivers.modbus_debts import Debts
from drivers.modbus_plan import Read, Write
from drivers.profile import Register, Table


def read(table: Table, count: int, *, writable: bool = False) -> Read:
    return Read(table, 0, count, (Point("p", Register(table, 0), writable=writable),))


DISCRETE, COIL, HOLDING, LONG = (
    read(Table.DISCRETE, 1),
    read(Table.COIL, 1),
    read(Table.HOLDING, 1),
    read(Table.HOLDING, 2),
)


def test_a_probe_looks_like_nothing_that_is_owed():
    debts = Debts()
    debts.owe(1, DISCRETE, 0.0)
    assert debts.probe(1, [DISCRETE, COIL]) is COIL


def test_another_function_is_the_better_proof_than_another_length():
    debts = Debts()
    debts.owe(1, HOLDING, 0.0)
    assert debts.probe(1, [HOLDING, LONG, DISCRETE]) is DISCRETE
    assert debts.proves(1, DISCRETE)
    assert debts.probe(1, [HOLDING, LONG]) is LONG
    assert not debts.proves(1, LONG)


def test_bits_of_the_same_number_of_bytes_look_alike():
    debts = Debts()
    debts.owe(1, read(Table.DISCRETE, 8), 0.0)
    assert debts.probe(1, [read(Table.DISCRETE, 3)]) is None
    nine = read(Table.DISCRETE, 9)
    assert debts.probe(1, [nine]) is nine


def test_an_output_is_read_only_where_no_input_serves():
    output = read(Table.COIL, 1, writable=True)
    assert Debts().probe(1, [output, DISCRETE]) is DISCRETE
    assert Debts().probe(1, [output]) is output


def test_an_unanswered_write_is_owed_too():
    debts = Debts()
    debts.owe(1, Write(Table.COIL, 0, (1,)), 5.0)
    assert debts.owes(1)
    assert debts.since(1) == 5.0
    assert debts.probe(1, [COIL]) is COIL


def test_units_owe_each_for_itself():
    debts = Debts()
    debts.owe(1, DISCRETE, 0.0)
    assert not debts.owes(2)
    assert debts.probe(2, [DISCRETE]) is DISCRETE
    debts.forgive(1)
    assert not debts.owes(1)
