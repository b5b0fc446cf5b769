"""While code in C holds the GIL of the shared interpreter, an actor of a unit looks at it."""

import os

from observed import Worker
from waiting import wait_until

from rebeam import GenPy, ask, cast, child, observe, receive, run_register_process

FIFO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "held")


def look():
    return {row.name: row for row in observe.actors(limit=50)}


class Looker(GenPy):
    name = "looker"

    @receive("look")
    def look(self):
        # From here on nothing of the shared interpreter's Python can answer.
        wait_until(lambda: any(row.subject == "C with the GIL" for row in observe.actors("age")))
        shown = observe.stack("holder")
        rows = wait_until(lambda: (found := look()) and found["holder"].load > 0.9 and found)
        holder = rows["holder"]
        tree = str(observe.tree())
        seen = [
            shown.stacks,
            "Python did not answer" in str(shown),
            holder.state,
            holder.work,
            rows["waiter"].queue,
            "holder" in tree,
            [wait.target.name for wait in observe.waits() if wait.waiter.name == "waits"],
            observe.info()["running"],
        ]
        os.close(os.open(FIFO, os.O_WRONLY))  # it goes on
        print(seen, flush=True)

    @receive("done")
    def done(self):
        return True


if __name__ == "__main__":
    os.mkfifo(FIFO)
run_register_process(child(Looker(), isolation="process"))
for name in ("holder", "waiter", "waits"):
    run_register_process(Worker(name))
cast("waits", "ask", ["waiter", 1])
ask("waiter", "nothing")
cast("waiter", "five deep", 60)
cast("waits", "ask", ["waiter", 1])
wait_until(lambda: "waits" in str(observe.waits()))
cast("waiter", "nothing", 1)
cast("looker", "look")
# From here on the body may not go on before it is over.
cast("holder", "C with the GIL", FIFO)
ask("looker", "done", timeout=None)
