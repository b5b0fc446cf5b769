import threading

from baseline import counts, settled
from gen_call_actors import SERVER, threads

from rebeam import Atom, GenPy, Status, call_many, gen_call, receive, run_register_process, sleep
from rebeam._runtime import rebeam_info


# Its functions name gen_call alone.
class Asker(GenPy):
    @receive("ask")
    def ask(self, message):
        return one(message) + 1


def one(n):
    return gen_call(SERVER, (Atom("after"), 1500, n))[1]


askers = [run_register_process(Asker) for _ in range(1000)]
before, threads_before = counts(), threads()
most = 0


def watch():
    global most
    while most < 1000:
        most = max(most, rebeam_info()["suspended"])
        sleep(0.01)


watcher = threading.Thread(target=watch, daemon=True)
watcher.start()
answers = call_many([(pid, "ask", n) for n, pid in enumerate(askers)], timeout=30)
print(answers == [(Status.OK, n + 1) for n in range(1000)], most >= 1000)
watcher.join()
print(threads() - threads_before < 10, settled(before))
