import sys
import threading

from rebeam import GenPy, call, cast, child, receive, run_register_process


class Known:
    pass


class Peer(GenPy):
    def __init__(self, name=None):
        self.name = name

    @receive("echo")
    def echo(self, message):
        return "had it"

    @receive("lock")
    def lock(self, message):
        bad = Known()
        bad.parts = [{"lock": threading.Lock()}]
        try:
            call(message, "echo", {"rows": [1, bad]})
        except TypeError as error:
            return str(error)

    @receive("answer with a lock")
    def answer(self):
        return [threading.Lock()]

    @receive("own class")
    def own_class(self):
        global Fresh
        Fresh = type("Fresh", (), {"__module__": "__main__"})
        return [Fresh()]

    @receive("cast own class")
    def cast_own_class(self, message):
        return cast(message, "echo", self.own_class())


if __name__ == "__main__":

    class Local:
        pass

    def last(answer):
        status, text = answer
        print(status.value, text.strip().splitlines()[-1])

    here = run_register_process(Peer("here"))
    unit, other = [
        run_register_process(child(Peer(name), isolation=sys.argv[1], restart="temporary"))
        for name in ("unit", "other")
    ]
    print(call(unit, "lock", here)[1])
    last(call(unit, "echo", [Local()]))
    cast(unit, "echo", [Local()])
    last(call(unit, "own class"))
    for pid in (here, other):
        call(unit, "cast own class", pid)
        last(call(pid, "echo"))
    last(call(unit, "echo"))
    last(call(unit, "answer with a lock"))
