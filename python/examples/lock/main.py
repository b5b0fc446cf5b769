"""A door with a code lock: a state machine with three states.

            the right code                  three wrong codes
    open <------------------ locked --------------------------> blocked
         -----------------> (starts) <-------------------------
           after 1 s                      after 1 s, then 2 s, ...

Buttons that are pressed while the door is open count once it is locked again.
"""

from rebeam import (
    GenStateMachine,
    Response,
    Supervisor,
    Transition,
    call,
    cast,
    enter,
    event,
    keep_state,
    next_state,
    postpone,
    response_error,
    sleep,
    timeout,
)


class Lock(GenStateMachine):
    initial_state = "locked"

    def __init__(self, code: str) -> None:
        self.name = "lock"
        self.code = code
        self.pressed = ""
        self.wrong = 0
        self.pause = 1.0

    @enter("locked")
    def begin(self, previous: str | None) -> None:
        self.pressed = ""
        print(f"locked (was {previous})")

    @event("button", state="locked")
    def press(self, message: str) -> Transition:
        self.pressed += message
        if len(self.pressed) < len(self.code):
            return keep_state(timeout=5.0)  # who hesitates starts again
        if self.pressed == self.code:
            self.wrong, self.pause = 0, 1.0
            return next_state("open", timeout=1.0)
        self.pressed = ""
        self.wrong += 1
        if self.wrong % 3 == 0:
            self.pause *= 2
            return next_state("blocked", timeout=self.pause / 2)
        return keep_state()

    @timeout(state="locked")
    def forget(self) -> None:
        self.pressed = ""

    @event("button", state="open")
    def wait(self) -> Transition:
        return postpone()

    @event("button", state="blocked")
    def refuse(self) -> Response:
        return response_error("blocked")

    @event("enter", state="open")
    def let_in(self, message: str) -> str:
        return f"welcome, {message}"

    @event("enter")  # in every other state
    def keep_out(self, message: str, current: str) -> Response:
        return response_error(f"{current}, {message}")

    @timeout(state=("open", "blocked"))
    def lock(self) -> Transition:
        return next_state("locked")


def press(code: str) -> None:
    for button in code:
        cast("lock", "button", button)


def visit() -> None:
    print(*call("lock", "enter", "Ada"))
    press("4711")
    print(*call("lock", "enter", "Ada"))
    press("4711")  # while it is open: waits until it is locked
    sleep(1.5)
    print(*call("lock", "enter", "Ben"))
    sleep(1.0)
    for code in ("1111", "2222", "3333"):
        press(code)
    print(*call("lock", "enter", "Mallory"))
    print(*call("lock", "button", "4"))
    sleep(1.5)
    print(*call("lock", "enter", "Mallory"))


if __name__ == "__main__":
    with Supervisor([Lock("4711")]):
        visit()
