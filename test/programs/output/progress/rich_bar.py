"""A bar of rich's in an actor, while others log and print: rich_bar.py."""

import logging
import time

import rich
from rich.logging import RichHandler
from rich.progress import track

from rebeam import GenPy, LogHandler, Supervisor, call, cast, receive

logging.basicConfig(level=logging.INFO, handlers=[LogHandler()])
log = logging.getLogger("bar")
beside = logging.getLogger("beside")
beside.addHandler(RichHandler(show_time=False, show_path=False))
beside.propagate = False


class Work(GenPy):
    name = "work"

    @receive("work")
    def work(self, message):
        for number in track(range(message), description="works"):
            if number % 10 == 5:
                log.info("at %d", number)
            time.sleep(0.01)
        rich.print("[bold]printed[/bold]", {"by": "rich"})
        beside.warning("logged by [rich]")
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
