from baseline import counts, settled
from deferred import Asker, Clerk, ask, wait_for

from rebeam import call, run_register_process

run_register_process(Clerk())
for n in range(3):
    run_register_process(Asker(f"asker {n}"))
before = counts()
for n in range(3):
    ask(f"asker {n}", "clerk", "ask", n, 10)
wait_for(3)
print(call("clerk", "answer", "done"))
print([call(f"asker {n}", "answers")[1] for n in range(3)])
print(*call("clerk", "error"), *call("clerk", "sleepy"))
large = "x" * 5_000_000
ask("asker 0", "clerk", "ask", 0, 10)
wait_for(1)
call("clerk", "answer", large)
print(call("asker 0", "answers")[1] == [("ok", (0, large))])
print(settled(before))
