"""Does the steps of a file, which are tuples, to a table of a type, and says what each gives, as
Elixir would."""

import ast
import sys
from typing import Any

from rebeam import Table


def steps(table):
    return {
        "insert": lambda key, value: table.put(key, value) or True,
        "insert_new": table.put_new,
        "lookup": lambda key: of_key(table, key, table.get(key, [])),
        "member": lambda key: key in table,
        "take": lambda key: of_key(table, key, table.take(key, [])),
        "delete": lambda key: table.pop(key, None) is not None or True,
        "delete_object": lambda key, value: discard(table, key, value),
        "update_counter": lambda key, n: table.update_counter(key, n),
        "replace": table.compare_and_swap,
        "size": lambda: len(table),
        "first": lambda: table.first("end"),
        "last": lambda: table.last("end"),
        "next": lambda key: table.next(key, "end"),
        "prev": lambda key: table.prev(key, "end"),
        "all": lambda: sorted_rows(table),
        "above": lambda low: sorted(key for key, _ in table.where(Table.key > low)),
        "clear": lambda: table.clear() or True,
    }


def of_key(table, key, values):
    values = values if table.type == "bag" else [values]
    return [(key, value) for value in values if value != []]


def sorted_rows(table):
    rows = list(table.items())
    return rows if table.type == "ordered_set" else sorted(rows)


def discard(table, key, value):
    if table.type == "bag":
        table.discard(key, value)
    elif table.get(key) == value:
        del table[key]
    return True


def term(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        brackets = "[]" if isinstance(value, list) else "{}"
        return brackets[0] + ", ".join(map(term, value)) + brackets[1]
    return f'"{value}"' if isinstance(value, str) else str(value)


if __name__ == "__main__":
    kind: Any = sys.argv[1]
    kinds = steps(Table(kind, type=kind))
    with open(sys.argv[2]) as file:
        for line in file:
            word, *arguments = ast.literal_eval(line)
            print(term(kinds[word](*arguments)))
