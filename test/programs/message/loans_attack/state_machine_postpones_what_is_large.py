from lent import LARGE, Holder, files, ready, until

from rebeam import (
    GenStateMachine,
    Supervisor,
    call,
    cast,
    child,
    event,
    next_state,
    postpone,
    response_ok,
)


class Door(GenStateMachine):
    initial_state = "closed"

    def __init__(self, value=None):
        self.kept = []

    @event("put", state="closed")
    def put_off(self, message):
        return postpone()

    @event("open", state="closed")
    def open(self, message):
        return next_state("open", response_ok("opened"))

    @event("put", state="open")
    def put(self, message):
        self.kept.append(message)
        return len(message)

    @event("kept", state="open")
    def kept_now(self):
        return [len(each) for each in self.kept], self.kept[0] == self.kept[1] == LARGE


def driver():
    ready("one")
    cast("door", "put", memoryview(LARGE))
    cast("door", "put", LARGE)
    cast("door", "put", b"small")
    print(call("door", "open", None))
    print(call("door", "put", LARGE), call("door", "kept")[1], until(lambda: files() == (0, 0)))


if __name__ == "__main__":
    Supervisor(
        [
            child(Holder(), name="one", isolation="process"),
            child(Holder(), name="here"),
            child(Door(), name="door", isolation="process"),
            child(driver, restart="transient", significant=True),
        ]
    )
