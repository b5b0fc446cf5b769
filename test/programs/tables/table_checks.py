"""What holds for a table wherever its methods are called: each function gets an empty one."""

import dataclasses
import datetime
import decimal
import enum
import fractions
import pathlib
import random
import re
import uuid
from collections import namedtuple

from rebeam import Atom, ProcessID, Table


class Plain(enum.Enum):
    A = 1


class Whole(enum.IntEnum):
    ONE = 1


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


class Text(enum.StrEnum):
    A = "a"


class Folder(dict):
    """A mapping that is not changed any more."""

    def __hash__(self):
        return hash(frozenset(self))


Pair = namedtuple("Pair", "x y")


@dataclasses.dataclass(frozen=True)
class Point:
    x: object
    y: object


def raises(kind, function):
    try:
        function()
    except kind as error:
        return error
    raise AssertionError(f"no {kind}")


def rows(table):
    """One row at a time."""
    table.put("a", 1)
    table["b"] = [1, {"x": 2}]
    assert (table["a"], table.get("b")) == (1, [1, {"x": 2}])
    assert "a" in table and "z" not in table and len(table) == 2
    assert raises(KeyError, lambda: table["z"]).args == ("z",)
    assert (table.get("z"), table.get("z", 5)) == (None, 5)
    table["b"].append(3)
    assert table["b"] == [1, {"x": 2}]
    assert (table.put_new("a", 2), table.put_new("c", float("nan"))) == (False, True)
    assert table["c"] != table["c"]
    assert str(table.take("c")) == "nan" and table.take("c", "no") == "no"
    assert (table.setdefault("a", 4), table.setdefault("q", 4)) == (1, 4)
    assert (table.pop("q"), table.pop("q", 9)) == (4, 9)
    raises(KeyError, lambda: table.pop("q"))
    del table["a"]
    raises(KeyError, lambda: table.__delitem__("a"))
    key, value = table.popitem()
    assert (key, value, len(table)) == ("b", [1, {"x": 2}], 0)
    raises(KeyError, table.popitem)


def steps(table):
    """What is done in one step."""
    assert (table.update_counter("n"), table.update_counter("n", -5)) == (1, -4)
    assert (table.update_counter("m", 2, 10), table["m"]) == (12, 12)
    table["text"] = "1"
    table["true"] = True
    for key in ("text", "true"):
        assert "no int" in str(raises(TypeError, lambda key=key: table.update_counter(key)))
    raises(TypeError, lambda: table.update_counter("n", 1.0))
    table["big"] = 2**5000
    assert table["big"] == 2**5000
    for old, new in [
        ("1", True),
        (1.0, {"k": (1, 2)}),
        ({"k": (1, 2)}, b"x" * 99),
        (b"x" * 99, None),
    ]:
        assert table.compare_and_swap("text", old, new)
        assert table["text"] == new
    shared = "s" * 3
    table["shared"] = [shared, shared]
    assert table.compare_and_swap("shared", ["".join(["s"] * 3), "sss"], 1)
    assert not table.compare_and_swap("text", 0, 1) and not table.compare_and_swap("none", None, 1)
    table.update({"u": 1}, v=2)
    table.update([(3, 4)])
    assert (table["u"], table["v"], table[3]) == (1, 2, 4)
    assert table == dict(table.items()) == table.snapshot() == {key: table[key] for key in table}
    assert sorted(map(str, table.values())) == sorted(str(table[key]) for key in table)
    assert table.memory() > 0
    raises(TypeError, lambda: table.put("f", lambda: None))
    raises(TypeError, lambda: table.put("f", open("/dev/null")))
    table.clear()
    assert (len(table), list(table)) == (0, [])


def texts(table):
    """Values that are texts, short and long, of whatever characters."""
    values = [
        "",
        "a",
        "é" * 500,
        "é" * 999,
        "x" * 1000,
        "x" * 100_000,
        "\ud800",
        "\U00010000" * 999,
    ]
    for value in [*values, *(value.encode("utf-8", "surrogatepass") for value in values)]:
        table["text"] = value
        assert table["text"] == value and type(table["text"]) is type(value)
        assert table.compare_and_swap("text", value, None)


ONE_KEY = [1, 1.0, True, Whole.ONE, fractions.Fraction(1), decimal.Decimal("1.0"), 1 + 0j]
EAST = datetime.timezone(datetime.timedelta(hours=1))
EQUAL = [
    [0.5, decimal.Decimal("0.5"), fractions.Fraction(1, 2), decimal.Decimal("0.50")],
    [decimal.Decimal("0.1"), fractions.Fraction(1, 10)],
    [2**70, 2.0**70, decimal.Decimal(2**70), complex(2**70)],
    [10**400, decimal.Decimal("1e400")],
    [decimal.Decimal("1e99999"), decimal.Decimal("10e99998")],
    [0, -0.0, decimal.Decimal("-0e-99999"), False, 0j],
    [float("inf"), decimal.Decimal("inf"), complex("inf")],
    [(1, "a"), (1.0, "a"), (True, Text.A), Pair(decimal.Decimal(1), "a")],
    [frozenset([1, (2, 0.5)]), frozenset([(2.0, fractions.Fraction(1, 2)), True])],
    ["a", Text.A, "".join(["a"])],
    [
        datetime.datetime(2020, 1, 1, hour, tzinfo=zone)
        for hour, zone in [(1, datetime.UTC), (2, EAST)]
    ],
    [range(0, 3, 2), range(0, 4, 2)],
    [range(0), range(5, 2), range(1, 1, 3)],
    [range(3, 4), range(3, 9, 9)],
    [pathlib.PurePosixPath("a", "b"), pathlib.PosixPath("a//b/"), pathlib.Path("a/./b")],
    [Rights.READ | Rights.WRITE, Rights.WRITE | Rights.READ, Rights(3)],
    [Point(1, (2.0,)), Point(decimal.Decimal(1), (2,))],
    [Folder({"a": 1, "b": [2]}), Folder({"b": [2.0], "a": True})],
]
KEYS = [
    *(decimal.Decimal("-0.1"), fractions.Fraction(-1, 3), decimal.Decimal("1e99999")),
    *(1e-300, -2.5, 10**400 + fractions.Fraction(1, 3), Folder(), Folder({"a": 1})),
    *(re.compile("a"), re.compile("b"), Text.A.upper, Text.A.lower, list[int], ...),
    *(range(1), range(2), range(0), Rights.READ, Rights.WRITE, Rights(0), pathlib.Path("a")),
    *(None, 0, 2.5, 10**400, float("inf"), -float("inf"), "é", "\ud800", b"\xff", b"ab", "ab"),
    *((1, "a"), (), ((1,), b"x"), frozenset([1, 2, "a"]), 1j, decimal.Decimal("1.10")),
    *(datetime.date(2020, 1, 2), datetime.datetime(2020, 1, 2), datetime.time(1)),
    *(datetime.timedelta(3), uuid.UUID(int=5), Plain.A, Point(1, "a"), Point, int, len, range(3)),
    *(Atom("foo"), Atom("an_atom_that_nobody_has")),
]


def shown(key):
    """Its repr; the order within a set is that of how it was made, and of hashes."""
    return repr(sorted(key, key=repr)) if isinstance(key, frozenset) else repr(key)


def keys(table):
    """Keys are equal as in a dict, and come as they were put."""
    for key in ONE_KEY:
        table[key] = "one"
        assert len(table) == 1 and all(table[each] == "one" for each in ONE_KEY)
        assert [type(each) for each in table] == [type(key)]
    table.clear()
    table[-0.0] = 1
    assert table[0] == table[0.0] == table[False] == 1
    table[float("nan")] = 2
    assert table[float("nan")] == 2
    table.clear()
    for some in EQUAL:
        for key in some:
            table[key] = repr(key)
            assert len(table) == 1 and all(table[each] == repr(key) for each in some), key
        table.clear()
    for key in KEYS:
        table[key] = shown(key)
        assert table[key] == shown(key) and key in table
    assert len(table) == len(KEYS) == len(set(table)) and set(table) == set(KEYS)
    assert {shown(key) for key in table} == set(table.values())
    assert table[(1.0, "a")] == table[(True, "a")] and table[frozenset(["a", 2, 1])]
    assert table[decimal.Decimal("1.1")] and table[Point(1.0, "".join(["a"]))]
    raises(TypeError, lambda: table.get(decimal.Decimal("sNaN")))
    for key in ([1], {}, {1}, (1, [2])):
        assert "unhashable" in str(raises(TypeError, lambda key=key: table.put(key, 1)))
        assert "unhashable" in str(raises(TypeError, lambda key=key: table.get(key)))


def own_pid(table):
    table[ProcessID()] = 1
    assert list(table) == [ProcessID()] and table[ProcessID()] == 1


def conditions(table):
    key, value = Table.key, Table.value
    number = decimal.Decimal(7)
    there = {1: 1, 2: "two", 3.5: None, "a": 5, "abc": {"age": 3}, "b": {"age": 40}, b"abc": b"x"}
    there |= {number: number, None: True, (1, 2): 2.5, -float("inf"): float("inf")}
    table.update(there)
    numbers = int, float, decimal.Decimal
    for condition, function in [
        (key > 1, lambda k, v: isinstance(k, numbers) and k > 1),
        (~(key > 1), lambda k, v: not (isinstance(k, numbers) and k > 1)),
        (value >= 1, lambda k, v: isinstance(v, numbers) and v >= 1),
        (value < 3.0, lambda k, v: isinstance(v, numbers) and v < 3),
        ((key == "a") | (value == True), lambda k, v: k == "a" or v == 1),  # noqa: E712
        ((key != "a") & (value != 1), lambda k, v: k != "a" and v != 1),
        (~((key != "a") | (value != 5)), lambda k, v: k == "a"),
        (value["age"] > 10, lambda k, v: k == "b"),
        (key.startswith("ab"), lambda k, v: k == "abc"),
        (~key.startswith("ab"), lambda k, v: k != "abc"),
        (key.is_in(["a", 1]), lambda k, v: k in ("a", 1)),
        (lambda k, v: v is None, lambda k, v: k == 3.5),
        (key == 7, lambda k, v: k == 7),
        (key == (1, 2), lambda k, v: k == (1, 2)),
    ]:
        wanted = {k: v for k, v in there.items() if function(k, v)}
        assert dict(table.where(condition)) == wanted, (dict(table.where(condition)), wanted)
    assert dict(table.prefix(b"ab")) == {b"abc": b"x"} and dict(table.prefix((1,))) == {(1, 2): 2.5}
    assert dict(table.prefix("a")) == {"a": 5, "abc": {"age": 3}}
    assert "no truth" in str(raises(TypeError, lambda: key > 1 and key < 2))
    raises(TypeError, lambda: table.where(3))
    table.clear()
    table.update((number, number % 7) for number in range(5000))
    assert len(list(table.where(value == 3))) == len(range(3, 5000, 7))


def around(number):
    """Numbers of several types that are hardly less or more."""
    exact = fractions.Fraction(number)
    nearly = [exact + fractions.Fraction(sign, 10**power) for sign in (1, -1) for power in (9, 80)]
    return [number, -number, *nearly, int(number), round(decimal.Decimal(number), 3)]


def order(table):
    """Of an ordered_set, as `sorted` has it."""
    decimals = map(decimal.Decimal, "1 2 1.5 -1 -1.1 -1.15 0 100 0.001 -100 12 1.2E3".split())
    infinite = float("inf")
    numbers = [number for _ in range(30) for number in around(random.random() * 10)]
    numbers += [1e-300, -1e-300, 5e-324, fractions.Fraction(1, 10**70), decimal.Decimal("1e-99")]
    for some in [
        numbers,
        [(each, 1) for each in numbers],
        list(decimals),
        [1, 2.5, -3, infinite, -infinite, 0, 10**30, 1e300, -1e300, 0.1, 2**53 + 1, float(2**53)],
        [(1,), (1, 2), (2,), (1, 2, 3), (0, 9), ()],
        ["a", "ab", "b", "é", "z", "\ud7ff", "\ue000", "\U00010000", "", "\ud800"],
        [b"", b"\xff", b"a", b"\x80b", b"ab"],
        [datetime.date(2020, 1, day) for day in range(1, 9)],
        [datetime.datetime(2020, 1, 1, microsecond=each) for each in range(9)],
    ]:
        table.clear()
        random.shuffle(some)
        table.update((each, each) for each in some)
        wanted = sorted(set(some))
        assert list(table) == wanted and list(reversed(table)) == wanted[::-1]
        low, high = sorted(random.sample(wanted, 2))
        assert [key for key, _ in table.range(low, high)] == [k for k in wanted if low <= k < high]
    table.clear()
    table.update((text, None) for text in ("", "a", "ab", "b", "z"))
    assert [key for key, _ in table.prefix("a")] == ["a", "ab"]
    assert [key for key, _ in table.range("a", "z")] == ["a", "ab", "b"]
    assert [key for key, _ in table.range("a", "z", reverse=True)] == ["b", "ab", "a"]
    assert (table.first(), table.last(), table.next("aa"), table.prev("b")) == ("", "z", "ab", "ab")
    assert (table.prev(""), table.next("z", default=5)) == (None, 5)
    assert table.popitem() == ("z", None)
    table.clear()
    assert (table.first(), table.last("none")) == (None, "none")
    table.update((number, number * number) for number in range(2500))
    assert list(table) == list(range(2500))
    assert [value for _, value in table.range(10, 13)] == [100, 121, 144]
    assert [key for key, _ in table.range(None, 2000, True)] == list(range(1999, -1, -1))


def bag(table):
    for key, value in [("a", 1), ("a", 2), ("a", 1), ("b", [1])]:
        table.put(key, value)
    assert table.get("a") == table["a"] == [1, 2] and (len(table), sorted(table)) == (3, ["a", "b"])
    assert (table.get("z"), table.get("z", 5), table.take("z")) == ([], 5, [])
    raises(KeyError, lambda: table["z"])
    assert sorted(table.snapshot(), key=str) == [("a", 1), ("a", 2), ("b", [1])]
    assert (table.discard("a", 1), table.discard("a", 1), table["a"]) == (True, False, [2])
    assert (table.take("a"), table.take("a")) == ([2], [])
    assert (table.put_new("b", 2), table.put_new("c", 2)) == (False, True)
    raises(TypeError, lambda: table.update_counter("b"))
    raises(TypeError, lambda: table.compare_and_swap("b", 1, 2))
    raises(TypeError, table.first)


def settings(name):
    raises(ValueError, lambda: Table(name, type="list"))
    raises(ValueError, lambda: Table(name, durability="never"))
    raises(TypeError, lambda: Table(""))
    raises(TypeError, lambda: Table(3))
    raises(ValueError, lambda: Table(name, heir="somebody"))
    raises(LookupError, lambda: Table(name, node="nobody@nowhere").get(1))
    there = Table(name)
    assert "as type" in str(raises(ValueError, lambda: Table(name, type="bag")))
    assert "public" in str(raises(ValueError, lambda: Table(name, public=False)))
    assert "in memory" in str(raises(ValueError, lambda: Table(name, file="x")))
    there.drop()
    assert len(Table(name, type="bag")) == 0


def check(name):
    """All of them, on tables of names that nobody else has."""
    for kind in ("set", "ordered_set"):
        for function in (rows, steps, texts, keys, own_pid, conditions):
            if function is own_pid and not name.startswith("actor"):
                continue
            table = Table(f"{name} {kind}", type=kind)
            function(table)
            table.drop()
    for kind, function in [("ordered_set", order), ("bag", bag)]:
        table = Table(f"{name} {function.__name__}", type=kind)
        function(table)
        table.drop()
    settings(name)
