from baseline import counts, settled
from cycle_actors import Step

from rebeam import (
    GenPy,
    ProcessID,
    call,
    call_many,
    gen_call,
    receive,
    run_register_process,
)

for name, limit in (("a", 0.4), ("b", 20), ("c", 20)):
    run_register_process(Step(name, limit))
before = counts()


class Self(GenPy):
    name = "self"

    @receive("all")
    def all(self):
        said = []
        for target in (ProcessID(), "self", ("self", ProcessID().node)):
            for attempt in (
                lambda: call(target, "x", timeout=None),
                lambda: call_many([(target, "x")], timeout=None),
                lambda: call_many([("a", "slow", 0), (target, "x")], timeout=None),
                lambda: gen_call(target, "x", timeout=None),
            ):
                try:
                    said.append(attempt())
                except RuntimeError as error:
                    said.append(str(error))
        return said


it = run_register_process(Self)
before = counts()
for line in call(it, "all")[1]:
    print(line)
print(settled(before))
