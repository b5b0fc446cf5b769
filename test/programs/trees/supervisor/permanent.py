from supervisor_worker import Worker, last
from waiting import wait_until

from rebeam import Supervisor, call, child, run_register_process, sleep, whereis


def drive():
    for name in ("permanent", "transient", "temporary"):
        for way in ("exit", "crash"):
            old = whereis(name)
            if old is None:
                print(name, "is gone")
                continue
            call(name, way, 0)
            wait_until(lambda: not old.alive())
            # Time enough to be back, for those which come back.
            for _ in range(200):
                if whereis(name) not in (None, old):
                    break
                sleep(0.01)
            print(name, way, "again" if whereis(name) else "gone")
            if name == "transient" and way == "exit":
                run_register_process(child(Worker("transient"), restart="transient"))


Supervisor(
    modules=[
        child(Worker("permanent"), restart="permanent"),
        child(Worker("transient"), restart="transient"),
        child(Worker("temporary"), restart="temporary"),
        last(drive),
    ],
    max_restarts=10,
)
