import contextlib

from waiting import wait_until

from rebeam import ActorExit, GenPy, Supervisor, call, cast, child, receive, sleep, stop

begun = []


class Silent(GenPy):
    name = "silent"

    @receive()
    def never(self):
        sleep(1000)


class Waiting(GenPy):
    name = "waiting"

    @receive("wait")
    def wait(self):
        try:
            with contextlib.ExitStack() as stack:
                stack.callback(print, "with")
                try:
                    begun.append(True)
                    call("silent", "x", timeout=None)
                except Exception:
                    print("not reached: no Exception")
        except ActorExit as end:
            print("ActorExit")
            raise
        finally:
            print("finally")

    @stop()
    def bye(self, reason):
        print("stop", reason)


def drive():
    cast("waiting", "wait")
    wait_until(lambda: begun)


Supervisor(modules=[Silent, Waiting, child(drive, restart="transient", significant=True)])
