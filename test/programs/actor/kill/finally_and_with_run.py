import os

from kill_actors import Sink, begin, free, kill, last
from waiting import wait_until

from rebeam import ActorExit, call, cast, run_register_process


class Resource:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        os.write(1, f"closed after {error[0].__name__}\n".encode())


def work():
    n = 0
    with Resource():
        try:
            cast("sink", "note", "inside")
            while True:
                n += 1
        finally:
            for _ in range(200_000):  # longer than one switch of threads
                n += 1
            try:
                cast("sink", "note", "told")
                call("sink", "note", "from the dead")
            except ActorExit:
                os.write(1, b"fenced\n")


def main():
    run_register_process(Sink)
    pids = begin(work, 1)
    wait_until(lambda: "inside" in call("sink", "got")[1])
    kill(pids)
    print(free(), flush=True)
    wait_until(lambda: "told" in call("sink", "got")[1])
    print(call("sink", "got")[1])


last(main)
