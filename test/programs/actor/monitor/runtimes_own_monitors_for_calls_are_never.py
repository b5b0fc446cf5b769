from monitor_actors import Watcher, saw, worker

from rebeam import call, exit, monitor, receive, run_register_process

run_register_process(Watcher)


class Asker(Watcher):
    name = "asker"

    @receive("ask")
    def ask(self, message):
        ref = monitor(message)
        status, reason = call(message, "exit", "while asked", timeout=None)
        assert self.saw == []
        return status, reason, ref


run_register_process(Asker)
for _ in range(2):
    pid = worker()
    status, reason, ref = call("asker", "ask", pid)[1]
    print(status, reason == "while asked")
    print([(down.ref == ref, down.pid == pid, down.reason) for down in saw(1, "asker")])
pid = worker()
print(call(pid, "sleep", 60, timeout=0.05))
exit(pid, "boom")
print(saw(0))
