from spawn_actors import Owner
from waiting import wait_until

from rebeam import run_register_process, sleep, spawn

run_register_process(Owner)


def work(n):
    try:
        begun.append(n)
        if n % 2:
            sorted([1, 2], key=lambda _: sleep(60))
        sleep(60)
    except Exception:
        print("swallowed")
    finally:
        ended.append(n)
        if len(ended) == 50:
            print("all ended")


begun, ended = [], []
for n in range(50):
    spawn(work, n)
wait_until(lambda: len(begun) == 50)
print("over", flush=True)
