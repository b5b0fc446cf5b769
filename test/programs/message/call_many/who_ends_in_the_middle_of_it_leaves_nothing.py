from call_many_actors import Server

from rebeam import ActorExit, GenPy, Supervisor, call_many, cast, child, receive, sleep, stop


class Asker(GenPy):
    name = "asker"

    @receive("ask")
    def ask(self, message):
        try:
            call_many([("one", "sleep", (0.5, 1)), ("one", "double", 1)], timeout=None)
        except ActorExit:
            print("ActorExit")
            raise

    @stop()
    def bye(self, reason):
        print("stop", reason)


def drive():
    cast("asker", "ask")
    sleep(0.1)


Supervisor(modules=[Server("one"), Asker, child(drive, restart="transient", significant=True)])
