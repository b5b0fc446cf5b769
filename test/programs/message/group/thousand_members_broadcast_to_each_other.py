import os

from baseline import counts, settled
from group_actors import Member

from rebeam import Status, broadcast, call_many, receive, run_register_process


class Talker(Member):
    @receive("talk")
    def talk(self, message):
        # Names broadcast alone.
        return broadcast("room", "said", message)

    @receive("said")
    def said(self, message):
        self.got.append(message)

    @receive("heard")
    def heard(self):
        return sorted(self.got)


def threads():
    return len(os.listdir("/proc/self/task"))


pids = [run_register_process(Talker) for _ in range(1000)]
call_many([(pid, "join", "room") for pid in pids])
before, threads_before = counts(), threads()
answers = call_many([(pid, "talk", n) for n, pid in enumerate(pids[:50])], timeout=60)
print(answers == [(Status.OK, 1000)] * 50)
heard = call_many([(pid, "heard") for pid in pids], timeout=60)
print(heard == [(Status.OK, list(range(50)))] * 1000)
print(threads() - threads_before < 10, settled(before))
