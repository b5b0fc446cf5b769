from bounded import Bounded, held
from waiting import wait_until

from rebeam import cast, run_register_process


class Own(Bounded):
    mailbox_limit = None

    def __init__(self, limit):
        super().__init__()
        self.name = None
        self.mailbox_limit = limit


def fill(pid):
    cast(pid, "hold")
    wait_until(lambda: held)
    accepted = sum(cast(pid, "add", n) for n in range(50))
    held.clear()
    return accepted


print(
    fill(run_register_process(Own(3))),
    fill(run_register_process(Own(1))),
    fill(run_register_process(Own(None))),
    fill(run_register_process(Own(2**100))),
)
for limit in (0, -1, True, 2.0, "3"):
    try:
        run_register_process(Own(limit))
    except RuntimeError as error:
        print(str(error).splitlines()[-1])
