"""Names of the cluster, of processes in argv[1]."""

import sys

from waiting import wait_until

from rebeam import (
    GenPy,
    GlobalName,
    Supervisor,
    call,
    child,
    receive,
    register,
    register_global,
    registered,
    run_register_process,
    unregister,
    whereis,
    whereis_global,
)


class Named(GenPy):
    @receive("register")
    def register(self, message):
        return attempt(register_global, message)

    @receive("unregister")
    def unregister(self, message):
        unregister(message, scope="cluster")

    @receive("local")
    def local(self, message):
        register(message)
        return whereis_global(message)

    @receive("find")
    def find(self, message):
        return whereis(message, scope="cluster"), call(GlobalName(message), "who")

    @receive("who")
    def who(self):
        return "here"

    @receive("end")
    def end(self):
        sys.exit()


def attempt(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def main():
    placed = dict(isolation=sys.argv[1], restart="temporary")
    a, b = (run_register_process(child(Named(), **placed)) for _ in range(2))
    print(whereis_global("größe"), call(a, "register", "größe")[1], whereis_global("größe") == a)
    taken = call(b, "register", "größe")[1]
    print(taken.rpartition(" by ")[0], call(a, "register", "größe")[1][:20])
    print(call(b, "find", "größe")[1] == (a, ("ok", "here")), call(b, "find", "other")[1])
    print(whereis("größe"), registered(), registered("cluster"), call(a, "local", "mine")[1])
    call(b, "unregister", "größe")
    print(whereis_global("größe") == a, call(a, "register", "second")[1], registered("cluster"))
    call(a, "unregister", "größe")
    print(registered("cluster"), call(b, "register", "größe")[1], call(GlobalName("größe"), "who"))
    call(b, "end")
    print(whereis_global("größe"), call(GlobalName("größe"), "who"), registered("cluster"))
    print(call(a, "register", "größe")[1], whereis_global("größe") == a)
    for scope in ("everywhere", None):
        print(attempt(whereis, "x", scope=scope))
    print(attempt(register_global, ""), attempt(GlobalName, 5), attempt(registered, "x"))
    call(a, "end")
    wait_until(lambda: registered("cluster") == [])


if __name__ == "__main__":
    Supervisor([child(main, significant=True)])
