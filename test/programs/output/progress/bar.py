"""A bar of tqdm's in an actor, while others log: bar.py."""

import time

from bar_beside import log, run
from tqdm import tqdm

from rebeam import GenPy, receive


class Work(GenPy):
    name = "work"

    @receive("work")
    def work(self, message):
        for number in tqdm(range(message), mininterval=0, ncols=60, nrows=24):
            if number % 10 == 5:
                log.info("at %d", number)
            time.sleep(0.01)
        return "done"


if __name__ == "__main__":
    run(Work())
