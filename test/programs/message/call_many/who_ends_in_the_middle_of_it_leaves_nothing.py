from call_many_actors import Server
from waiting import wait_until

from rebeam import ActorExit, GenPy, Supervisor, call_many, cast, child, receive, stop

begun = []


class Asker(GenPy):
    name = "asker"

    @receive("ask")
    def ask(self, message):
        try:
            begun.append(True)
            call_many([("one", "sleep", (5, 1)), ("one", "double", 1)], timeout=None)
        except ActorExit:
            print("ActorExit")
            raise

    @stop()
    def bye(self, reason):
        print("stop", reason)


def drive():
    cast("asker", "ask")
    wait_until(lambda: begun)


Supervisor(modules=[Server("one"), Asker, child(drive, restart="transient", significant=True)])
