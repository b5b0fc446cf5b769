from baseline import counts
from cycle_actors import Step

from rebeam import GenPy, ProcessID, Status, call, receive, run_register_process, sleep

for name, limit in (("a", 0.4), ("b", 20), ("c", 20)):
    run_register_process(Step(name, limit))
before = counts()


class Other(GenPy):
    name = "other"

    @receive("die")
    def die(self):
        sleep(0.05)
        raise ValueError("dead")

    @receive("source")
    def source(self, source):
        sleep(0.02)
        return source

    @receive("quick")
    def quick(self, message):
        return message

    @receive("slow")
    def slow(self):
        sleep(0.3)
        return "late"


class Asker(GenPy):
    @receive("ask")
    def ask(self):
        assert call("other", "source") == (Status.OK, ProcessID())
        assert call("other", "slow", timeout=0.05) == (Status.TIMEOUT, None)
        assert [call("other", "quick", n)[1] for n in range(500)] == list(range(500))
        status, reason = call("other", "die")
        assert status == "down" and "ValueError: dead" in reason, reason
        return call("nobody", "x")


run_register_process(Other)
print(*call(run_register_process(Asker), "ask", timeout=30)[1])
