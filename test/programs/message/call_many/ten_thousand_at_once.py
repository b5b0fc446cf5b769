from baseline import counts, settled
from call_many_actors import Server, threads

from rebeam import GenPy, Status, call, call_many, receive, run_register_process


class Asker(GenPy):
    @receive("ask")
    def ask(self, message):
        pids, subject, limit = message
        return call_many([(pid, subject, (0.2, n)) for n, pid in enumerate(pids)], limit)


pids = [run_register_process(Server) for _ in range(10_000)]
asker = run_register_process(Asker)
before, threads_before = counts(), threads()
answers = call(asker, "ask", (pids, "sleep", 60), timeout=80)[1]
print(answers == [(Status.OK, n) for n in range(10_000)])
answers = call(asker, "ask", (pids, "sleep", 0.01), timeout=80)[1]
print({str(status) for status, _ in answers} <= {"timeout", "ok"}, len(answers))
answers = call_many([(pid, "served") for pid in pids], timeout=60)
print(answers == [(Status.OK, [n, n]) for n in range(10_000)])
print(threads() - threads_before < 10, settled(before))
