from bounded import Bounded

from rebeam import cast, run_register_process, sleep


class Own(Bounded):
    mailbox_limit = None

    def __init__(self, limit):
        super().__init__()
        self.name = None
        self.mailbox_limit = limit


def fill(pid):
    cast(pid, "block", 0.2)
    sleep(0.02)
    return sum(cast(pid, "add", n) for n in range(50))


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
