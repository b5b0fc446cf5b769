"""A bar of tqdm's in an actor, while others log: bar.py."""

import logging
import time

from tqdm import tqdm

from rebeam import GenPy, LogHandler, Supervisor, call, cast, receive

logging.basicConfig(level=logging.INFO, handlers=[LogHandler()])
log = logging.getLogger("bar")


class Work(GenPy):
    name = "work"

    @receive("work")
    def work(self, message):
        for number in tqdm(range(message), mininterval=0, ncols=60, nrows=24):
            if number % 10 == 5:
                log.info("at %d", number)
            time.sleep(0.01)
        return "done"


class Fails(GenPy):
    name = "fails"

    @receive("fail")
    def fail(self, message):
        raise ValueError("failed")


if __name__ == "__main__":
    with Supervisor([Work(), Fails()]):
        cast("fails", "fail")
        print(call("work", "work", 40, timeout=60))
