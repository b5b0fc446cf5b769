from waiting import wait_until

from rebeam import (
    GenPy,
    Supervisor,
    call,
    call_async,
    call_many,
    child,
    receive,
    run_register_process,
    spawn,
    start,
    whereis,
)

is_open = []


class Target(GenPy):
    def __init__(self, limit):
        self.name = f"limit {limit}"
        self.mailbox_limit = limit
        self.got = []

    @start()
    def boot(self):
        wait_until(lambda: is_open)

    @receive("note")
    def note(self, message):
        self.got.append(message)

    @receive("got")
    def all(self):
        return self.got


class Asker(GenPy):
    """Asks for more than has a place, of a target that is not there yet."""

    @receive("ask")
    def ask(self, message):
        request = (message, "note", "withdrawn")
        answers = [call(*request, 0.02, interrupt=True) for _ in range(5)]
        answers += [[call(*request, 0.02, True) for _ in [0]][0]]
        answers += map(lambda _: call(*request, 0.02, interrupt=True), range(5))
        answers += call_many([request], 0.02, interrupt=True)
        return {f"{status} {text}" for status, text in answers}

    @receive("ask asynchronously")
    async def ask_asynchronously(self, message):
        request = (message, "note", "withdrawn")
        answers = [await call_async(*request, 0.02, interrupt=True) for _ in range(5)]
        return {f"{status} {text}" for status, text in answers}


def main():
    for limit in (None, 2):
        name = f"limit {limit}"
        is_open.clear()
        asker = run_register_process(Asker)
        spawn(lambda: run_register_process(Target(limit)))
        wait_until(lambda: whereis(name))
        print(name, *call(asker, "ask", name, 60)[1])
        print(name, *call(asker, "ask asynchronously", name, 60)[1])
        call(name, "note", "kept", 0.05)
        is_open.append(True)
        print(name, *call(name, "got", timeout=60))


Supervisor([child(main, restart="transient", significant=True)], auto_shutdown="any_significant")
