"""Subscribers of a unit that is killed, and the ones that start in its place."""

import os
import signal

from subscribers import Subscriber, do
from waiting import again, wait_until

from rebeam import *


class Kept(Subscriber):
    def __init__(self, name, *topics):
        super().__init__(*topics)
        self.name = name

    @receive("there")
    def there(self):
        return self_pid()


def main():
    items = [child(Kept(name, "n.*", "n.**"), isolation="process") for name in ("one", "two")]
    for each in items:
        run_register_process(each)
    here = run_register_process(child(Subscriber("n.n"), restart="temporary"))
    print(publish("n.n"), do("one", publish, "n.n"))
    before = whereis("one")
    os.kill(do("one", os.getpid), signal.SIGKILL)
    again("one", before)
    wait_until(lambda: publish("n.n", "new") == 3)
    print(do("one", publish, "n.n"), do(here, publish, "n.n", "last"))
    for each in ("one", "two", here):
        wait_until(lambda: call(each, "got")[1][-1:] == [("n.n", "last")])
    print("over")


if __name__ == "__main__":
    main()
