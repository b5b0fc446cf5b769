import os

from rebeam import GenPy, Supervisor, call, child, exit, receive, start_child

main = os.getpid()


def driver():
    where = []
    start_child("top", child(Named(lambda: where), name="kept"))
    print(call("kept", "pid")[1] == main, call("sent", "pid")[1] == main)


class Named(GenPy):
    def __init__(self, function=None):
        pass

    @receive("pid")
    def pid(self):
        return os.getpid()

    @receive("end")
    def end(self):
        exit("driver", "normal")


closure = (lambda run: lambda: run())(driver)
Supervisor(
    [
        child(Named, name="sent"),
        child(closure, name="driver", restart="transient", significant=True),
    ],
    name="top",
)
