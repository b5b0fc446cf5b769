import time

from lent import LARGE, Holder, files, ready, until

from rebeam import GenStateMachine, Supervisor, call, cast, child, event, self_pid


class Sleeper(GenStateMachine):
    initial_state = "only"

    @event("sleep")
    def sleep(self, message):
        time.sleep(message)

    @event("put")
    def put(self, message):
        return len(message)


def driver():
    ready("one")
    call("one", "send", self_pid())
    print(call("one", "ask", self_pid()), until(lambda: call("one", "files")[1][0] == (0, 0)))
    print(call("sleeper", "put", LARGE))
    cast("sleeper", "sleep", 20)
    begin = time.monotonic()
    print(call("sleeper", "put", LARGE, timeout=0.5, interrupt=True))
    # Before it takes, or drops, what was withdrawn.
    print(until(lambda: files() == (0, 0)), time.monotonic() - begin < 20)


if __name__ == "__main__":
    Supervisor(
        [
            child(Holder(), name="one", isolation="process"),
            child(Holder(), name="here"),
            child(Sleeper(), name="sleeper", isolation="process"),
            child(driver, restart="transient", significant=True),
        ]
    )
