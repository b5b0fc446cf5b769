import time

from baseline import counts, settled
from interrupt_actors import interrupt
from kill_matrix import WORKS, Silent, Sink, last, lock, ours, replaced, tree
from waiting import wait_until

from rebeam import is_alive, run_register_process, whereis
from rebeam._runtime import rebeam_info


def main():
    for each in (Sink, Silent):
        run_register_process(each)
    tree(60.0)
    before = counts()
    names = [("work", name) for name in WORKS]
    for subject, name in [*names, ("async", None), ("swallowing", None)]:
        pid = whereis("target")
        begin = time.monotonic()
        interrupt(pid, subject, name, 0.2)
        assert wait_until(lambda: not is_alive(pid))
        took = time.monotonic() - begin
        print(name or subject, took < 30 or took, replaced(pid), flush=True)
    ours.send(b"x" * 10)
    lock.release()
    free = wait_until(lambda: rebeam_info()["detached"] == rebeam_info()["abandoned"] == 0)
    print(free, settled(before), flush=True)


last(main)
