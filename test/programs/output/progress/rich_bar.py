"""A bar of rich's in an actor, while others log and print: rich_bar.py."""

import logging
import time

import rich
from bar_beside import log, run
from rich.logging import RichHandler
from rich.progress import track

from rebeam import GenPy, receive

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


if __name__ == "__main__":
    run(Work())
