from group_actors import Member, begin
from waiting import wait_until

from rebeam import broadcast, call, cast, join, members, run_register_process, start, whereis

pids = begin(4)
for pid in pids:
    for room in ("a", "b"):
        call(pid, "join", room)
cast(pids[0], "end", True)
cast(pids[1], "end", False)
wait_until(lambda: not pids[0].alive() and not pids[1].alive())
wait_until(lambda: members("a") == members("b") == pids[2:])
print(members("a") == members("b") == pids[2:], broadcast("a", "x"))


class Again(Member):
    name = "again"

    @start()
    def boot(self):
        join("c")


first = run_register_process(Again)
print(members("c") == [first])
cast(first, "end", False)
wait_until(lambda: members("c") not in ([first], []))
print(members("c") == [whereis("again")], first != whereis("again"))
