from monitor_actors import Watcher, do, saw, worker
from waiting import wait_until

from rebeam import (
    call,
    demonitor,
    exit,
    is_alive,
    monitor,
    receive,
    run_register_process,
    sleep,
    spawn,
)

run_register_process(Watcher)


class Both(Watcher):
    name = "both"

    @receive("flush")
    def flush(self, message):
        flush, settle = message
        pids = [spawn(sleep, 60) for _ in range(3)]
        refs = [monitor(pid) for pid in pids]
        for pid in pids:
            exit(pid, "kill")
        if settle:
            wait_until(lambda: not any(map(is_alive, pids)))
        sleep(settle)
        # The middle one: its Down, if it has come, is not handled yet.
        found = demonitor(refs[1], flush)
        return found, refs


run_register_process(Both)
for flush in (True, False):
    for settle in (0, 0.05):
        found, refs = call("both", "flush", (flush, settle))[1]
        told = [down.ref for down in saw(2 if flush or found else 3, "both")]
        if not settle and flush and refs[1] in told:
            print("told in spite of flush")
        if settle:
            print(flush, [ref in told for ref in refs], found)
pid = worker()
ref = do("monitor", pid)
print(do("demonitor", ref), do("demonitor", ref))
exit(pid, "boom")
print(saw(0))


def attempt(*args):
    try:
        return demonitor(*args)
    except Exception as error:
        return f"{type(error).__name__} {error}"


class Other(Watcher):
    name = "other"

    @receive("attempt")
    def attempt(self, message):
        return attempt(message)


run_register_process(Other)
print(call("other", "attempt", 3)[1])
print(call("other", "attempt", do("monitor", worker()))[1])
