from group_actors import Member, begin

from rebeam import broadcast, call, cast, join, members, run_register_process, sleep, start, whereis

pids = begin(4)
for pid in pids:
    for room in ("a", "b"):
        call(pid, "join", room)
cast(pids[0], "end", True)
cast(pids[1], "end", False)
while pids[0].alive() or pids[1].alive():
    sleep(0.01)
for _ in range(100):
    if members("a") == members("b") == pids[2:]:
        break
    sleep(0.01)
print(members("a") == members("b") == pids[2:], broadcast("a", "x"))


class Again(Member):
    name = "again"

    @start()
    def boot(self):
        join("c")


first = run_register_process(Again)
print(members("c") == [first])
cast(first, "end", False)
while members("c") in ([first], []):
    sleep(0.01)
print(members("c") == [whereis("again")], first != whereis("again"))
