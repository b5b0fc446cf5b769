"""A Via and a GlobalName wherever a target is wanted, and as names; owners are in argv[1]."""

import sys

from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    GenPy,
    GlobalName,
    ProcessID,
    Registry,
    Status,
    Supervisor,
    Via,
    call,
    call_async,
    call_many,
    cancel_timer,
    cast,
    child,
    count_children,
    exit,
    gen_call,
    gen_cast,
    info,
    is_alive,
    link,
    monitor,
    receive,
    registered,
    run_register_process,
    send,
    send_after,
    send_interval,
    start_child,
    terminate_child,
    trap_exit,
    unlink,
    whereis_global,
)

players = Registry("players", partitions=2)


class Player(GenPy):
    def __init__(self):
        self.seen = []

    @receive("who")
    def who(self):
        return ProcessID()

    @receive("seen")
    def told(self):
        return self.seen

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")

    @receive("note")
    def note(self, message, source):
        self.seen.append(message)

    @info()
    def plain(self, message):
        self.seen.append(message)


class Asker(GenPy):
    @receive("all")
    def all(self, message):
        self.heard, nobody = [], nobodies()[message]
        target = addresses()[message]
        trap_exit()
        pid = call(target, "who")[1]
        print("call_many", call_many([(target, "who"), (nobody, "who")])[0] == (Status.OK, pid))
        print("cast", cast(target, "note", 1), cast(nobody, "note"), cast(pid, "note", 2, target))
        print("send", send(target, 3), send(nobody, 3), gen_cast(target, 4), gen_cast(nobody, 4))
        print("gen_call", *gen_call(target, 5), is_alive(target), is_alive(nobody))
        send_after(0.001, target, "note", "later")
        timer = send_interval(0.001, target, "note", "again")
        wait_until(lambda: {"later", "again"} <= set(map(str, call(target, "seen")[1])))
        cancel_timer(timer)
        print("seen", [each for each in call(target, "seen")[1] if type(each) is int])
        link(target)
        unlink(target)
        link(target)
        monitor(target), monitor(nobody)
        print("exit", exit(target, "over"), exit(nobody))
        try:
            link(nobody)
        except ValueError as error:
            print("ValueError:", error)
        return pid

    @receive("asynchronous")
    async def asynchronous(self, message):
        return await call_async(addresses()[message], "who")

    @receive("heard")
    def tell(self):
        return sorted(self.heard)

    @info()
    def hear(self, message):
        self.heard.append(f"{type(message).__name__} {message.reason}")


def addresses():
    return Via(players, ("team", 1)), Via("players", "alice"), GlobalName("alice")


def nobodies():
    return Via("players", "nobody"), Via("no such registry", 1), GlobalName("nobody")


def main():
    sup = run_register_process(DynamicSupervisor(name=Via(players, "supervisor")))
    for number, target in enumerate(addresses()):
        placed = dict(isolation=sys.argv[1], name=target)
        pid = start_child(Via(players, "supervisor"), child(Player(), **placed))
        print(target, call(target, "who")[1] == pid, whereis_global("alice") == pid)
        try:
            start_child(sup, child(Player(), **placed))
        except RuntimeError as error:
            print("taken" in str(error), call(target, "who")[1] == pid)
        asker = run_register_process(Asker)
        print(call(asker, "all", number)[1] == pid)
        wait_until(lambda asker=asker: len(call(asker, "heard")[1]) == 3)
        print(call(asker, "heard")[1])
        wait_until(lambda target=target, pid=pid: call(target, "who")[1] not in (pid, "noproc"))
        print("restarted", call(asker, "asynchronous", number)[1] == call(target, "who"))
        terminate_child(sup, call(target, "who")[1])
        print(call(target, "who"), is_alive(target), count_children(sup)["active"])
    print(players.keys(), registered("cluster"))


if __name__ == "__main__":
    Supervisor([child(main, significant=True)])
