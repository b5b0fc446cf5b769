from rebeam import GenPy, ProcessID, call, receive, run_register_process, self_pid, sleep, start


class Late(GenPy):
    name = "late"

    @start()
    def boot(self):
        self.log = ["start"]
        sleep(0.1)
        self.own = ProcessID()
        self.log.append("started")

    @receive("log")
    def show(self):
        self.log.append("message")
        return self.log, self.own, self_pid(), ProcessID()


it = run_register_process(Late)
log, *ids = call(it, "log")[1]
print(log, [each == it for each in ids], len({it, *ids}), call("late", "log")[1][0])
print(str(it).startswith("<0."), it.alive(), it.node.split("-")[0])
try:
    it.node = "x"
except (AttributeError, TypeError) as error:
    print("immutable")
