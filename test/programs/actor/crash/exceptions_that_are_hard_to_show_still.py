from waiting import wait_until

from rebeam import GenPy, Supervisor, call, child, receive


class Odd(Exception):
    def __init__(self, a, b):
        super().__init__(a)

    def __str__(self):
        raise ValueError("no text")


class Bad(GenPy):
    name = "bad"

    def __init__(self):
        self.odd = self

    def __repr__(self):
        raise ValueError("no repr")

    @receive("odd")
    def fail(self):
        raise Odd(1, 2)

    @receive("chained")
    def chained(self):
        try:
            {}["missing"]
        except KeyError as error:
            raise RuntimeError("größer 日本 \ud800") from error

    @receive("group")
    def group(self):
        raise ExceptionGroup("several", [ValueError(1), TypeError(2)])

    @receive("base")
    def base(self):
        raise KeyboardInterrupt("mine")

    @receive("there")
    def there(self):
        return True


def drive():
    for subject in ("odd", "chained", "group", "base"):
        wait_until(lambda: call("bad", "there")[0])
        status, reason = call("bad", subject)
        print(subject, status, reason.startswith(("Traceback", "  + Exception Group Traceback")))
        print(ascii(reason.strip().splitlines()[-1]), "KeyError: 'missing'" in reason)


Supervisor(modules=[Bad(), child(drive, restart="transient", significant=True)], max_restarts=9)
