from baseline import counts, settled
from kill_actors import Sink, begin, free, kill, last
from waiting import wait_until

from rebeam import call, exit, run_register_process, whereis


def loop():
    n = 0
    while True:
        n += 1


def swallow():
    while True:
        try:
            loop()
        except:
            pass


def recurse(depth=0):
    return recurse(depth + 1) if depth < 900 else loop()


def generate():
    return sum(n * 0 for n in iter(int, 1))


def sort():
    sorted(range(1000), key=lambda n: loop())


def main():
    run_register_process(Sink)
    before = counts()
    for work in (loop, swallow, recurse, generate, sort):
        pids = begin(work)
        kill(pids)
        print(work.__name__, free())
        reset()
    print(settled(before))


def reset():
    exit(whereis("sink"), "kill")
    assert wait_until(lambda: call("sink", "got")[1] == [])


last(main)
