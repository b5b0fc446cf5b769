import threading

from baseline import counts, settled
from gen_call_actors import SERVER, threads
from waiting import wait_until

from rebeam import Atom, GenPy, Status, call_many, gen_call, receive, run_register_process
from rebeam._runtime import rebeam_info


# Its functions name gen_call alone.
class Asker(GenPy):
    @receive("ask")
    def ask(self, message):
        return one(message) + 1


def one(n):
    return gen_call(SERVER, (Atom("after"), 4000, n), timeout=30)[1]


askers = [run_register_process(Asker) for _ in range(1000)]
before, threads_before = counts(), threads()
most = 0


def watch():
    global most
    most = wait_until(lambda: rebeam_info()["suspended"] >= 1000 and 1000)


watcher = threading.Thread(target=watch, daemon=True)
watcher.start()
answers = call_many([(pid, "ask", n) for n, pid in enumerate(askers)], timeout=60)
print(answers == [(Status.OK, n + 1) for n in range(1000)], most >= 1000)
watcher.join()
print(threads() - threads_before < 10, settled(before))
