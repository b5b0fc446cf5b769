import threading

from spawn_actors import Owner, saw, tell

from rebeam import run_register_process, sleep, spawn, spawn_link, spawn_monitor

run_register_process(Owner)


def refused(function):
    try:
        function(tell, 0)
    except RuntimeError as error:
        print(error)


def work(depth):
    tell(depth)
    if depth < 3:
        spawn_link(work, depth + 1)
        sleep(0.05)


spawn(work, 0)
thread = threading.Thread(target=lambda: spawn(work, 3))
thread.start()
thread.join()
print(sorted(saw(5)))
for function in (spawn_link, spawn_monitor):
    refused(function)
    thread = threading.Thread(target=refused, args=[function])
    thread.start()
    thread.join()
