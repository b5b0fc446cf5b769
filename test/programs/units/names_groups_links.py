from waiting import replaced, wait_until

from rebeam import (
    GenPy,
    ProcessID,
    Supervisor,
    broadcast,
    call,
    cast,
    child,
    exit,
    info,
    is_alive,
    join,
    link,
    members,
    monitor,
    receive,
    register,
    registered,
    start,
    trap_exit,
    unregister,
    whereis,
)


class Member(GenPy):
    def __init__(self, name):
        self.name, self.got = name, []

    @start()
    def begin(self):
        join("all")
        trap_exit(True)

    @receive("do")
    def do(self, message):
        verb, *rest = message
        return {
            "register": register,
            "unregister": unregister,
            "whereis": whereis,
            "link": link,
            "monitor": monitor,
            "exit": exit,
            "alive": is_alive,
            "cast": cast,
            "members": lambda g: sorted(map(str, members(g))),
        }[verb](*rest)

    @receive("die")
    def die(self):
        raise ValueError("died")

    @receive("got")
    def all(self):
        return self.got

    @receive()
    def other(self, subject, message):
        self.got.append((subject, message))

    @info()
    def note(self, message):
        self.got.append((type(message).__name__, message.reason.splitlines()[-1]))


def do(name, *what):
    status, value = call(name, "do", what)
    return value if status else value.splitlines()[-1]


def driver():
    a, b = whereis("a"), whereis("b")
    print(a.node != b.node, a.node != ProcessID().node, do("a", "whereis", "b") == b)
    print(do("a", "register", "second"), whereis("second") == a, do("b", "whereis", "second") == a)
    print(do("a", "unregister", "second"), whereis("second"), do("b", "whereis", "second"))
    do("a", "register", "taken")
    try:
        register("taken")
    except ValueError as error:
        print(str(error).startswith('the name "taken" is taken by'))
    wait_until(lambda: all(len(do(each, "members", "all")) >= 3 for each in "abc"))
    print(broadcast("all", "hello", 1), sorted(registered()))
    do("a", "link", b)
    do("c", "monitor", b)
    # Signals of two processes have no order: "die" could come before the link.
    for name in "ac":
        do(name, "cast", "b", "seen", name)
        wait_until(lambda: ("seen", name) in call("b", "got")[1])
    call("b", "die")
    replaced("b", b)
    print(do("c", "alive", b), do("c", "alive", a), do("a", "alive", whereis("b")))
    # What ends in one unit is told to another one past the driver.
    for name in "ac":
        wait_until(lambda name=name: len(call(name, "got")[1]) >= 2)
    for name in "abc":
        print(name, call(name, "got")[1])
    do("c", "exit", a, "kill")
    replaced("a", a)
    # Here too: b's cast may come after the driver's call.
    print(do("b", "cast", "a", "hello", 2), wait_until(lambda: call("a", "got")[1]))
    wait_until(lambda: whereis("taken") is do("c", "whereis", "taken") is None)
    print(do("c", "register", "taken"), do("a", "whereis", "taken") == whereis("c"))


if __name__ == "__main__":
    Supervisor(
        [
            child(Member("a"), isolation="process"),
            child(Member("b"), isolation="process"),
            Member("c"),
            child(driver, restart="transient", significant=True),
        ],
        name="top",
    )
