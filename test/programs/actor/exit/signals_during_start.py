from judge import Judge, Plain, end, fate
from waiting import wait_until

from rebeam import (
    call,
    child,
    exit,
    is_alive,
    run_register_process,
    self_pid,
    sleep,
    spawn_link,
    start,
    stop,
    trap_exit,
)

run_register_process(Judge)


class Early(Plain):
    def __init__(self, way, trap=False):
        self.way, self.trap = way, trap
        super().__init__()

    @start()
    def begin(self):
        trap_exit(self.trap)
        if self.way == "self":
            exit(self_pid(), "early")
        else:
            ended = spawn_link(end, "early")
            wait_until(lambda: not is_alive(ended))
        sleep(0.1 if self.trap else 60)
        self.saw.append("started")


class EarlyStop(Early):
    @stop()
    def cleanup(self, reason):
        print("never started, so never stopped")


for way in ("self", "linked"):
    for kind in (Early, EarlyStop):
        try:
            run_register_process(kind(way))
        except RuntimeError as error:
            print(error)
        else:
            print("started")
    pid = run_register_process(child(Early(way, True), restart="temporary"))
    call("judge", "watch", pid)
    print(fate(pid))
