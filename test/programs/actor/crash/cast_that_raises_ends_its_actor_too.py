from waiting import wait_until

from rebeam import GenPy, Supervisor, call, cast, child, receive, self_pid


class Bad(GenPy):
    name = "bad"

    @receive("fail")
    def fail(self, message):
        raise KeyError(message)

    @receive("there")
    def there(self):
        return self_pid()


def drive():
    old = call("bad", "there")[1]
    print(cast("bad", "fail", {"a": ["long" * 1000]}))
    wait_until(lambda: call("bad", "there")[1] != old and call("bad", "there")[0])
    print(old.alive(), call("bad", "there")[1] != old)


Supervisor(modules=[Bad(), child(drive, restart="transient", significant=True)])
