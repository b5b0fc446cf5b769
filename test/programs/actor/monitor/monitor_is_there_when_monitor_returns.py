from monitor_actors import Watcher, do, saw, worker

from rebeam import call, cast, exit, monitor, receive, run_register_process, sleep, spawn

run_register_process(Watcher)


class Fast(Watcher):
    name = "fast"

    @receive("race")
    def race(self):
        for n in range(2000):
            pid = spawn(sleep, 60)
            monitor(pid)
            exit(pid, "kill")


run_register_process(Fast)
call("fast", "race", timeout=60)
print({down.reason for down in saw(2000, "fast")})
for n in range(300):
    pid = worker()
    do("monitor", pid)
    cast(pid, "exit", "behind")
print({down.reason for down in saw(300)})
