import sys

from busy import Busy, begun, unsaid

from rebeam import GenPy, Supervisor, cast, child, start


class Last(GenPy):
    @start()
    def boot(self):
        if sys.argv[1] == "gil_for_ever":
            unsaid.release()
        for each in actors:
            cast(each, sys.argv[1])
        if sys.argv[1] != "gil_for_ever":
            for _ in actors:
                begun.acquire(timeout=60)
            print("ready", flush=True)


actors = []


class Counted(Busy):
    @start()
    def boot(self):
        from rebeam import ProcessID

        actors.append(ProcessID())


Supervisor([child(Counted(), id=f"{n}", shutdown=0.2) for n in range(50)] + [Last])
