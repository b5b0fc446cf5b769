"""What a unit had is gone with it, at once; what one has that is stopped stays, and holds up nobody."""

import os
import signal
import time

from waiting import freeze, wait_until

from rebeam import (
    GenPy,
    GlobalName,
    Registry,
    Status,
    Supervisor,
    Via,
    call,
    cast,
    child,
    receive,
    register,
    register_global,
    registered,
    run_register_process,
    start,
    whereis_global,
)

players = Registry("players")
rooms = Registry("rooms", keys="duplicate", partitions=3)


class Player(GenPy):
    def __init__(self, number):
        self.number = number

    @start()
    def begin(self):
        register(f"player {self.number}")
        register_global(f"player {self.number}")
        players.register(self.number, os.getpid())
        rooms.register("hall", self.number)
        rooms.register(f"room {self.number}")

    @receive("number")
    def tell(self):
        return self.number

    @receive("out")
    def out(self):
        os._exit(1)

    @receive("free")
    def free(self):
        players.register("free")
        players.unregister("free")


def start_all():
    for number in range(6):
        isolation = "process" if number % 2 else "shared"
        run_register_process(child(Player(number), isolation=isolation))


def main():
    start_all()
    before = {number: players.lookup(number)[0] for number in range(6)}
    in_unit = [number for number in range(6) if before[number][1] == before[1][1]]
    print(in_unit, rooms.count(), sorted(number for _, number in rooms.lookup("hall")))
    cast(Via(players, 1), "out")
    wait_until(lambda: all(there(number, before) for number in in_unit))
    print(sorted(number for _, number in rooms.lookup("hall")), rooms.count(), players.count())
    print([before[number] == players.lookup(number)[0] for number in range(6)])
    print([call(Via(players, number), "number")[1] for number in range(6)])
    print([call(GlobalName(f"player {number}"), "number")[1] for number in range(6)])
    print(registered() == registered("cluster") == [f"player {number}" for number in range(6)])
    pid, os_pid = players.lookup(1)[0]
    freeze(os_pid)
    began = time.monotonic()
    print(players.lookup(1) == [(pid, os_pid)], len(rooms.lookup("hall")), players.count())
    print(call(Via(players, 1), "number", timeout=0.1)[0] is Status.TIMEOUT)
    print(whereis_global("player 1") == pid, call(Via(players, 0), "free")[0] is Status.OK)
    print(time.monotonic() - began < 60)
    os.kill(os_pid, signal.SIGCONT)
    print(call(Via(players, 1), "number")[1])


def there(number, before):
    """The process that came for the one that is gone."""
    found = players.lookup(number)
    new = found and found[0][1] != before[number][1]
    return new and call(Via(players, number), "number")[0] is Status.OK


if __name__ == "__main__":
    Supervisor([child(main, significant=True)])
