import threading

from rebeam import (
    GenPy,
    call,
    child,
    exit,
    is_alive,
    receive,
    run_register_process,
    self_pid,
    sleep,
    spawn,
)


class Worker(GenPy):
    name = "worker"

    @receive("alive")
    def alive(self, message):
        return is_alive(message)


pid = run_register_process(child(Worker, restart="temporary"))
other = spawn(sleep, 60)


def ask(*targets):
    print(*[is_alive(target) for target in targets])


ask(pid, "worker", ("worker", pid.node), "nobody", other, self_pid())
thread = threading.Thread(target=ask, args=(pid, "nobody"))
thread.start()
thread.join()
exit(other, "kill")
print(call("worker", "alive", other), call("worker", "alive", "worker"))
exit(pid, "boom")
while pid.alive():
    pass
ask(pid, "worker")
try:
    is_alive(3)
except TypeError as error:
    print(error)
