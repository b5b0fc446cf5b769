"""What is wrong, and how that is said."""

import decimal
import threading

from rebeam import Table


def said(function):
    try:
        result = function()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return result


def opened(**settings):
    print(said(lambda: Table("bad", **settings)))


def rows_and_conditions(table, ordered):
    table.put("a", {})
    for wrong in (
        lambda: list(table.where(lambda key, value: value["age"] > 3)),
        lambda: list(table.where(lambda key, value: 1 / 0)),
        lambda: table.where(Table.value),
        lambda: Table.key.is_in(5),
        lambda: Table.key.startswith(5),
        lambda: 1 < Table.key < 5,
        lambda: not Table.key,
        lambda: ordered.range([1]),
        lambda: ordered.prefix(5),
        lambda: table.range(1),
        lambda: table.update([(1, 2), (3, threading.Lock())]),
        lambda: table.get(1, "none of it"),
        lambda: table.update_counter("n", "1"),
        lambda: table.update_counter("n", default=1.5),
        lambda: table.get(decimal.Decimal("sNaN")),
    ):
        print(said(wrong))


if __name__ == "__main__":
    opened(type="list")
    opened(type=["set"])
    opened(durability="always")
    opened(public="no")
    opened(public=False, heir=3)
    opened(public=False, heir="")
    opened(read_concurrency=2)
    for file in (3, b"x", "", "a\0b", "x" * 5000, "/nowhere/x", "/dev/null"):
        opened(file=file)
    rows_and_conditions(Table("bad"), Table("ordered", type="ordered_set"))
    sevens = Table("sevens", type="ordered_set")
    sevens.update((number, number) for number in range(3000))
    # Not used up by the first rows that are looked at.
    print(sevens.where(Table.key.is_in(each for each in (7, 2777))).__next__()[0], end=" ")
    print(dict(sevens.where(Table.key.is_in(each for each in (7, 2777)))))
    print(len(list(sevens.where(Table.key < 2**5000))))
    print(len(list(sevens.where(Table.key == Table.value))))
