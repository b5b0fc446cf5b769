from waiting import wait_until

from rebeam import GenPy, Supervisor, call, child, receive


class Bad(GenPy):
    name = "bad"

    @receive("recursion")
    def recursion(self):
        return self.recursion()

    @receive("memory")
    def memory(self):
        return bytes(1 << 60)

    @receive("stop")
    def stopped(self):
        return next(iter([]))

    @receive("generator")
    def generator(self):
        raise GeneratorExit

    @receive("there")
    def there(self):
        return True


def drive():
    for subject in ("recursion", "memory", "stop", "generator"):
        status, reason = call("bad", subject, timeout=60)
        print(subject, status, reason.strip().splitlines()[-1].split(":")[0])
        wait_until(lambda: call("bad", "there")[0])


Supervisor(modules=[Bad(), child(drive, restart="transient", significant=True)], max_restarts=9)
