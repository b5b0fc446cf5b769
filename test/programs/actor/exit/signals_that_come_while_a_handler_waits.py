from judge import Judge, begin, end
from waiting import wait_until

from rebeam import (
    GenPy,
    call,
    info,
    is_alive,
    receive,
    run_register_process,
    sleep,
    spawn_link,
    trap_exit,
)

run_register_process(Judge)


class Waiting(GenPy):
    name = "waiting"

    def __init__(self):
        self.saw = []

    @receive("go")
    def go(self):
        trap_exit()
        for n in range(5):
            ended = spawn_link(end, f"reason {n}")
            wait_until(lambda: not is_alive(ended))
        sleep(0.1)
        return len(self.saw)

    @info()
    def note(self, message):
        self.saw.append(f"{message.reason} begins")
        sleep(0.01)
        self.saw.append(f"{message.reason} over")

    @receive("seen")
    def seen(self):
        return self.saw


begin(Waiting)
print(call("waiting", "go")[1])
wait_until(lambda: len(call("waiting", "seen")[1]) == 10)
print(*call("waiting", "seen")[1], sep="\n")
