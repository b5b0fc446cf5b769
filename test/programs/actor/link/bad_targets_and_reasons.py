import threading

from judge import Judge, Plain, begin

from rebeam import (
    GenPy,
    call,
    exit,
    link,
    receive,
    run_register_process,
    self_pid,
    trap_exit,
    unlink,
)

run_register_process(Judge)


def attempt(function, *args):
    try:
        print(function(*args))
    except Exception as error:
        print(type(error).__name__, error)


pid = begin(Plain)
for args in ((pid, 3), (pid, None), (pid, b"x"), (3,), (3.5,), ("nobody", "boom")):
    attempt(exit, *args)
print(call(pid, "do", ("exit", "nobody", "x")))


class Caller(GenPy):
    name = "caller"

    @receive("all")
    def all(self):
        attempt(link, "nobody")
        attempt(unlink, "nobody")
        attempt(link, 3.5)
        attempt(link, self_pid())
        attempt(exit, self_pid(), "\ud800")


begin(Caller)
call("caller", "all")
attempt(link, pid)


def thread():
    attempt(unlink, pid)
    attempt(trap_exit)


other = threading.Thread(target=thread)
other.start()
other.join()
