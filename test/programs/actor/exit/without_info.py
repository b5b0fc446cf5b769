from judge import Judge, Plain, begin, end
from waiting import wait_until

from rebeam import (
    GenPy,
    call,
    exit,
    is_alive,
    receive,
    run_register_process,
    self_pid,
    sleep,
    spawn_link,
    spawn_monitor,
    stop,
    trap_exit,
)

run_register_process(Judge)


class Deaf(GenPy):
    @receive("do")
    def do(self):
        trap_exit()
        for _ in range(3):
            spawn_link(end, "boom")
            spawn_monitor(end, "boom")
        sleep(0.1)
        return "lives"


class Last(Plain):
    @stop()
    def cleanup(self, reason):
        print("stop", reason, exit(self_pid(), "late"), flush=True)
        spawn_link(end, "boom")
        sleep(0.1)
        print(reason, trap_exit(True), is_alive(self_pid()))


deaf = begin(Deaf)
print(call(deaf, "do"), call(deaf, "do"))
pid = begin(Last)
exit(pid, "boom")
wait_until(lambda: call("judge", "fate", pid)[1] != "alive")
print(call("judge", "fate", pid))
begin(Last)
