"""The checks of a table in the body, in a plain thread, in functions, actors and asynchronous ones, in
the units that are named."""

import sys
import threading
from typing import Any

from baseline import counts, settled
from table_checks import check

from rebeam import GenPy, Status, Supervisor, Table, call, child, receive

# At the top of a module, as programs have it; a unit finds it there, too.
SEEN = Table("seen")


class Checker(GenPy):
    @receive("plain")
    def plain(self, message):
        check(message)
        SEEN[message] = True

    @receive("async")
    async def asynchronous(self, message):
        table = Table(message)
        table.put("a", [1])
        assert (table.get("a"), table["a"], table.update_counter("n")) == ([1], [1], 1)
        assert [row async for row in each(table)] == [("a", [1])]
        SEEN.put(message, True)


async def each(table):
    for row in table.where(Table.key == "a"):
        yield row


def ask():
    before = counts()
    check("function")
    for isolation in sys.argv[1:]:
        for subject in ("plain", "async"):
            name = f"actor {isolation} {subject}"
            assert call(isolation, subject, name, timeout=60.0) == (Status.OK, None)
            assert name in SEEN
    print("right", sorted(SEEN))
    print(settled(before))


if __name__ == "__main__":
    check("body")
    thread = threading.Thread(target=check, args=("thread",))
    thread.start()
    thread.join()
    units: list[Any] = sys.argv[1:]
    checkers = [child(Checker(), name=each, id=each, isolation=each) for each in units]
    Supervisor([*checkers, child(ask, significant=True)])
