import os
import threading

from baseline import counts, settled
from bounded import Bounded, held
from waiting import wait_until

from rebeam import GenPy, call, cast, receive, run_register_process, send, whereis


class Sender(GenPy):
    name = "sender"

    @receive("casts")
    def casts(self, message):
        return sum(cast("bounded", "add", n) for n in range(message))

    @receive("call")
    def call(self):
        return call("bounded", "add", "called")

    @receive("plainly")
    def plainly(self):
        return max([0], key=lambda _: self.kept.append(call("bounded", "add", 1)) or 1)

    kept = []

    @receive("kept")
    def all(self):
        return [(str(status), response) for status, response in self.kept]


run_register_process(Bounded)
run_register_process(Sender)
before = counts()
for _ in range(3):
    cast("bounded", "wait for", "free")
    wait_until(lambda: held)
    held.clear()
    print(call("sender", "casts", 25)[1])
    status, response = call("sender", "call")[1]
    print(status, response)
    call("sender", "plainly")
    print(call("sender", "kept")[1][-1])
    # Threads, the script's body, names and ids.
    print(*call("bounded", "add", 1), *call(whereis("bounded"), "add", 1))
    print(cast("bounded", "add", 1), cast(whereis("bounded"), "add", 1))
    found = []

    def thread():
        found.extend([str(call("bounded", "add", 1)[1]), cast("bounded", "add", 1)])

    each = threading.Thread(target=thread)
    each.start()
    each.join()
    print(found)
    # Not counted: plain messages.
    send("bounded", "plain")
    open("free", "w").close()
    print(wait_until(lambda: (answer := call("bounded", "take"))[0] and answer[1]))
    os.remove("free")
print(settled(before))
