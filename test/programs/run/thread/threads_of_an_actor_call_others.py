import concurrent.futures
import queue
import threading

from baseline import counts, settled
from thread_actors import Counter

from rebeam import GenPy, call, receive, run_register_process, sleep

run_register_process(Counter("counter"))


class Owner(GenPy):
    name = "owner"

    def __init__(self):
        self.results = queue.Queue()

    @receive("start")
    def begin(self, message):
        # A name, as ProcessID() in a thread is nobody's.
        threads = [threading.Thread(target=self.work, args=(n,)) for n in range(message)]
        [each.start() for each in threads]
        return len(threads)

    def work(self, n):
        sleep(0.01)
        self.results.put((n, call("counter", "double", n)[1], call("owner", "echo", n)[1]))

    @receive("echo")
    def echo(self, message):
        return message

    @receive("pool")
    def pool(self, message):
        # The handler holds its thread until all are done: they cannot call it meanwhile.
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda n: call("counter", "double", n)[1], range(message)))


owner = Owner()
run_register_process(owner)
before = counts()
print(call("owner", "start", 10))
print(
    sorted(owner.results.get(timeout=60) for _ in range(10)) == [(n, n * 2, n) for n in range(10)]
)
print(call("owner", "pool", 5))
print(settled(before))
