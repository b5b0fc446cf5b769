import threading
import time

from thread_actors import Counter
from waiting import wait_until

from rebeam import Supervisor, call, child, run_register_process

run_register_process(Counter("counter"))
seen = []
stop = threading.Event()


def background():
    while not stop.is_set():
        seen.append(len(seen))
        time.sleep(0.001)


thread = threading.Thread(target=background)


def drive():
    for n in range(200):
        call("counter", "add", 1)
    wait_until(lambda: len(seen) >= 20)
    stop.set()
    print(call("counter", "get")[1], seen[:3])


def main():
    thread.start()
    return Supervisor(modules=[child(drive, restart="transient", significant=True)])


main()
