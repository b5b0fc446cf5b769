"""Random steps to a table and to a dict: what each gives is the same. STEPS SEED PLACEMENT..."""

import random
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rebeam import GenPy, Status, Supervisor, Table, call, child, receive

KEYS = [
    *(0, 1, 2, 1.0, True, 2.5, Decimal("2.5"), Decimal("0.1"), Fraction(1, 3), -1, 2**70, 2.0**70),
    *(None, "", "a", "ab", "b", "é", "\ud800", b"", b"a", (), (1,), (1.0,), (1, "a"), ("a", None)),
    *((Decimal("0.1"), 1), frozenset([1, "a"]), frozenset([True, "a"]), 1j, float("inf")),
]
VALUES = [0, 1, True, None, "x", "y" * 2000, 2.5, [1], {"a": [2]}, b"z", 3 + 0j, (1, 2), 10**40]
NONE = "nothing"


def outcome(function):
    try:
        return function()
    except Exception as error:
        return type(error).__name__, error.args


def mapping_step(some):
    """What is done to both, and what is only looked at."""
    key, value, other = some.choice(KEYS), some.choice(VALUES), some.choice(KEYS)
    return some.choice(
        [
            lambda m: m.__setitem__(key, value),
            lambda m: m.update({key: value, other: 7}),
            lambda m: m.update([(other, 1), (key, value)], a=2),
            lambda m: m.setdefault(key, value),
            lambda m: m.pop(key, NONE),
            lambda m: m.pop(key),
            lambda m: m.__delitem__(key),
            lambda m: m[key],
            lambda m: m.get(key),
            lambda m: m.get(key, NONE),
            lambda m: key in m,
            lambda m: len(m),
            lambda m: bool(m),
            lambda m: (key, value) in m.items(),
            lambda m: value in m.values(),
            lambda m: set(m.keys()) == set(m),
            lambda m: m.keys() & {key, other},
            lambda m: m.clear() if some_of_fifty == 1 else None,
        ]
    )


some_of_fifty = 0


def put_new(model, key, value):
    if key in model:
        return False
    model[key] = value
    return True


def counted(model, key, n):
    number = model.get(key, 5)
    if type(number) is not int:
        raise TypeError
    model[key] = number + n
    return model[key]


def swapped(model, key, old, new):
    if key in model and model[key] == old:
        model[key] = new
        return True
    return False


def table_step(some):
    """The same by the methods that a dict has not."""
    key, value, other = some.choice(KEYS), some.choice(VALUES), some.choice(VALUES)
    return some.choice(
        [
            (lambda t: t.put(key, value), lambda m: m.__setitem__(key, value)),
            (lambda t: t.put_new(key, value), lambda m: put_new(m, key, value)),
            (lambda t: t.take(key, NONE), lambda m: m.pop(key, NONE)),
            (lambda t: t.update_counter(key, 3, 5), lambda m: counted(m, key, 3)),
            (
                lambda t: t.compare_and_swap(key, other, value),
                lambda m: swapped(m, key, other, value),
            ),
            (lambda t: t.snapshot(), lambda m: dict(m)),
        ]
    )


def compare(kind, steps, seed):
    global some_of_fifty
    some = random.Random(seed)
    table, model = Table(f"{kind} {seed}", type=kind), {}
    for number in range(steps):
        some_of_fifty = some.randrange(50)
        if some.random() < 0.6:
            step = mapping_step(some)
            given, wanted = outcome(lambda: step(table)), outcome(lambda: step(model))
        else:
            step, model_step = table_step(some)
            given, wanted = outcome(lambda: step(table)), outcome(lambda: model_step(model))
            if isinstance(wanted, tuple) and wanted[:1] == ("TypeError",):
                given, wanted = given[0], wanted[0]
        where = kind, seed, number, given, wanted
        assert given == wanted and type(given) is type(wanted), where
        assert table == model and dict(table.items()) == model and len(table) == len(model), where
    while table:
        key, value = table.popitem()
        assert model.pop(key) == value
    assert not model
    table.drop()


def bags(steps, seed):
    some, model = random.Random(seed), {}
    table = Table(f"bag {seed}", type="bag")
    values = [1, 2, "x", [1], None, {"a": 1, "b": 2}, {"b": 2, "a": 1}, bytes(70_000)]
    for number in range(steps):
        key, value = some.choice(KEYS), some.choice(values)
        word = some.choice(["put", "put", "put", "discard", "take", "put_new", "del"])
        there = model.setdefault(key, [])
        if word == "put":
            table.put(key, value)
            # Another order of a dict is another value to pickle, and so in a bag.
            if repr(value) not in map(repr, there):
                there.append(value)
        elif word == "discard":
            same = [each for each in there if repr(each) == repr(value)]
            equal = same or [each for each in there if each == value]
            assert table.discard(key, value) == bool(equal), (seed, number)
            if equal:
                del there[[repr(each) for each in there].index(repr(equal[0]))]
        elif word == "take":
            assert table.take(key) == model.pop(key), (seed, number)
        elif word == "put_new":
            assert table.put_new(key, value) == (not there), (seed, number)
            there += [] if there else [value]
        else:
            assert outcome(lambda: table.__delitem__(key)) == (
                None if there else ("KeyError", (key,))
            )
            there.clear()
        model = {key: some for key, some in model.items() if some}
        given = {key: table.get(key) for key in KEYS if table.get(key)}
        assert given == model, (seed, number, given, model)
        assert len(table) == sum(map(len, model.values())), (seed, number)
        assert len(list(table)) == len(model) and set(table) == set(model), (seed, number)
    table.drop()


def check(name, steps, seed):
    for kind in ("set", "ordered_set"):
        compare(kind, steps, f"{name} {seed}")
    bags(steps, f"{name} {seed}")
    return name


class Plain(GenPy):
    @receive("check")
    def check(self, message):
        return check(*message)


class Async(GenPy):
    @receive("check")
    async def check(self, message):
        return check(*message)


def main():
    steps, seed = int(sys.argv[1]), sys.argv[2]
    for placement in sys.argv[3:]:
        for kind in ("plain", "async"):
            message = f"{placement} {kind}", steps, seed
            answer = call(f"{placement} {kind}", "check", message, timeout=120.0)
            assert answer[0] is Status.OK, answer[1]
    print("right")


if __name__ == "__main__":
    check("body", int(sys.argv[1]), sys.argv[2])
    placements: list[Any] = sys.argv[3:]
    actors = [
        child(cls(), name=f"{place} {kind}", id=f"{place} {kind}", isolation=place)
        for place in placements
        for cls, kind in [(Plain, "plain"), (Async, "async")]
    ]
    Supervisor([*actors, child(main, significant=True)])
