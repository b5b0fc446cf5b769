"""A large value is not copied by put or get, and its memory is freed with its row.

large_values_share_memory.py FILE PLACEMENT..., where "" is no file.
"""

import sys
from typing import Any

from waiting import wait_until

from rebeam import GenPy, Status, Supervisor, Table, call, child, receive
from rebeam._runtime import rebeam_info

TABLE = Table("large", file=sys.argv[1] or None)


class User(GenPy):
    @receive("get")
    def get(self):
        return len(TABLE["bytes"]), len(TABLE.get("list")[0])

    @receive("put")
    def put(self):
        TABLE.put("mine", bytes(5_000_000))


def main():
    before = rebeam_info()["shared"]
    data = bytes(10_000_000)
    TABLE.put("bytes", data)
    TABLE["list"] = [data]
    assert TABLE["bytes"] is data and TABLE.get("list")[0] is data  # as in messages
    assert rebeam_info()["shared"] != before
    assert TABLE.memory() > 20_000_000
    for name in sys.argv[2:]:
        for _ in range(3):
            assert call(name, "get", timeout=30.0) == (Status.OK, (10_000_000, 10_000_000))
            assert call(name, "put", timeout=30.0) == (Status.OK, None)
    assert TABLE.compare_and_swap("bytes", data, 1)
    del TABLE["list"], data
    TABLE.clear()
    # By itself: no idle process keeps it as garbage.
    wait_until(lambda: rebeam_info()["shared"] == before)
    print("right")


if __name__ == "__main__":
    units: list[Any] = sys.argv[2:]
    users = [child(User(), name=each, id=each, isolation=each) for each in units]
    Supervisor([*users, child(main, significant=True)])
