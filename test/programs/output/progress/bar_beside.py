"""What logs, and what fails, beside the bars of bar.py and rich_bar.py."""

import logging

from rebeam import GenPy, LogHandler, Supervisor, call, cast, receive

logging.basicConfig(level=logging.INFO, handlers=[LogHandler()])
log = logging.getLogger("bar")


class Fails(GenPy):
    name = "fails"

    @receive("fail")
    def fail(self, message):
        raise ValueError("failed")


def run(work):
    with Supervisor([work, Fails()]):
        cast("fails", "fail")
        print(call("work", "work", 40, timeout=60))
