"""What is known of registries outlives the processes that know it."""

from waiting import wait_until

from rebeam import *

SERVER = "Elixir.Rebeam.Registry.Store"
players = Registry("players")
rooms = Registry("rooms", keys="duplicate", partitions=3)


class Player(GenPy):
    def __init__(self, name):
        self.own = name

    @start()
    def begin(self):
        players.register(self.own, len(self.own))
        rooms.register("hall", self.own)
        rooms.register(self.own)

    @receive("who")
    def who(self):
        return self.own

    @receive("out")
    def out(self):
        players.unregister(self.own)


def main():
    before = whereis(SERVER)
    print(exit(SERVER, "kill"))
    wait_until(lambda: whereis(SERVER) not in (None, before))
    print(sorted((key, players.lookup(key)[0][1]) for key in players.keys()), rooms.count())
    print([value for _, value in rooms.lookup("hall")], call(Via(players, "ann"), "who"))
    call("ann", "out")
    exit("bob", "kill")
    wait_until(lambda: not players.keys() and rooms.count() == 2)
    players.register("ann")
    print(rooms.lookup("hall")[0][1], players.lookup("ann") == [(self_pid(), None)])


if __name__ == "__main__":
    owners = [child(Player(name), name=name, restart="temporary") for name in ("ann", "bob")]
    Supervisor([*owners, child(main, significant=True)])
