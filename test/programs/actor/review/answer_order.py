"""B answers A's cast by its handler's value, then casts to A: which comes first?"""
from rebeam import *

N = 2000

class A(GenPy):
    name = "a"
    def __init__(self):
        self.seen = []
    @receive("go")
    def go(self):
        b = whereis("b")
        for n in range(N):
            cast(b, "q", n, sender_pid=ProcessID())
            cast(b, "then", (ProcessID(), n))
    @receive("q")
    def q(self, message):
        self.seen.append(("answer", message))
    @receive("n")
    def n(self, message):
        self.seen.append(("cast", message))
    @receive("report")
    def report(self):
        return self.seen

class B(GenPy):
    name = "b"
    @receive("q")
    def q(self, message):
        return message
    @receive("then")
    def then(self, message):
        pid, n = message
        cast(pid, "n", n)
        return no_reply()

def main():
    run_register_process(A)
    run_register_process(B)
    call("a", "go", timeout=None)
    while True:
        seen = call("a", "report", timeout=None)[1]
        if len(seen) == 2 * N:
            break
        sleep(0.05)
    place = {what: i for i, what in enumerate(seen)}
    print("overtaken", sum(place["cast", n] < place["answer", n] for n in range(N)), "of", N)

Supervisor(modules=[child(main, restart="temporary", significant=True)])
