from rebeam import GenPy, call, cast, receive, run_register_process, sleep


class Other(GenPy):
    name = "other"

    @receive()
    def other(self, message):
        sleep(0.01)
        return message


class One(GenPy):
    def __init__(self):
        self.busy = False
        self.seen = []

    @receive("work")
    def work(self, message):
        assert not self.busy
        self.busy = True
        call("other", "x", message)
        self.seen.append(message)
        self.busy = False

    @receive("seen")
    def all(self):
        return self.seen


run_register_process(Other)
one = run_register_process(One)
print(all([cast(one, "work", n) for n in range(20)]))
print(call(one, "seen", timeout=30)[1] == list(range(20)))
