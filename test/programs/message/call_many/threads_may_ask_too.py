import threading

from baseline import counts, settled
from call_many_actors import Server, last

from rebeam import ProcessID, call_many, run_register_process, sleep


def ask(n):
    answers = call_many(
        [("one", "double", n), ("one", "source"), ("nobody", "x"), ("one", "sleep", (0.6, n))],
        timeout=0.4,
    )
    source = answers[1][1][0]
    ok[n] = (
        [last(answers[k]) for k in (0, 2, 3)] == [f"ok {2 * n}", "down noproc", "timeout None"],
        isinstance(source, ProcessID),
    )


run_register_process(Server("one"))
before = counts()
ok = {}
for n in range(10):
    each = threading.Thread(target=ask, args=(n,))
    each.start()
    each.join()
    sleep(0.25)
print(set(ok.values()), settled(before))
