import sys

from rebeam import GenPy, child, receive, self_pid, sleep, start, stop


class Worker(GenPy):
    def __init__(self, name):
        self.name = name

    @start()
    def boot(self):
        print("start", self.name)

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")

    @receive("exit")
    def exit(self, message):
        sys.exit(message)

    @receive("sleep")
    def sleep(self):
        sleep(1000)

    @receive("there")
    def there(self):
        return self_pid()

    @stop()
    def bye(self, reason):
        print("stop", self.name, reason.strip().splitlines()[-1])


def last(function, **options):
    return child(function, restart="transient", significant=True, **options)
