from interrupt_actors import Base, last

from rebeam import call, call_many, cast, receive, run_register_process, whereis

over = []


class Target(Base):
    mailbox_limit = 3

    def __init__(self):
        self.got = []

    @receive("busy")
    def busy(self):
        while not over:
            pass
        over.clear()

    @receive("note")
    def note(self, message):
        self.got.append(message)

    @receive("got")
    def all(self):
        return self.got


def main():
    pid = run_register_process(Target)
    cast("target", "busy")
    for n in range(20):  # each leaves its place in the mailbox
        assert call("target", "note", n, 0.02, interrupt=True) == ("timeout", None)
    requests = [("target", "note", "a"), ("target", "note", "b")]
    print(call_many(requests, 0.05, interrupt=True) == [("timeout", None)] * 2)
    print(list(map(lambda n: call("target", "note", n, 0.05, True)[0], [21])))
    call("target", "note", "kept", 0.05)
    over.append(1)
    print(call("target", "got"), whereis("target") == pid)
    call("target", "busy", timeout=0.05)
    over.append(1)  # it ends by itself
    print(call("target", "got"), whereis("target") == pid)
    print(call("target", "note", 1, interrupt=True), call("nobody", "x", interrupt=True))
    for wrong in (1, None, "yes"):
        try:
            call("target", "note", interrupt=wrong)
        except TypeError as error:
            print(error)


last(main)
