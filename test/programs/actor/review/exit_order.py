"""A sends an exit signal to B, then a message: which comes first?"""
from rebeam import *

N = 300

class B(GenPy):
    def __init__(self):
        self.seen = []
    @start()
    def boot(self):
        trap_exit(True)
    @receive("n")
    def n(self, message):
        self.seen.append(("cast", message))
        return "alive"
    @info()
    def plain(self, message):
        self.seen.append(("exit", message.reason))
    @receive("report")
    def report(self):
        return self.seen

class C(GenPy):
    @receive("n")
    def n(self, message):
        return "alive"

class A(GenPy):
    name = "a"
    @receive("go")
    def go(self, message):
        for n in range(N):
            exit(message, str(n))
            cast(message, "n", n)
    @receive("kill")
    def kill(self, message):
        exit(message, "kill")
        return call(message, "n")
    @receive("shutdown")
    def shut(self, message):
        exit(message, "shutdown")
        return call(message, "n")

def main():
    run_register_process(A)
    b = run_register_process(B)
    call(b, "report")
    call("a", "go", b, timeout=None)
    for _ in range(100):
        seen = call(b, "report", timeout=None)[1]
        if len(seen) == 2 * N:
            break
        sleep(0.05)
    place = {what: i for i, what in enumerate(seen)}
    print("overtaken", sum(place["cast", n] < place["exit", str(n)] for n in range(N)), "of", N, flush=True)
    for how in "kill", "shutdown":
        answers = []
        for _ in range(50):
            c = run_register_process(child(C, restart="temporary"))
            call(c, "n")
            answers.append(call("a", how, c)[1])
        print(how, "alive after exit:", sum(str(a[1]) == "alive" for a in answers), "of 50", {str(a)[:60] for a in answers}, flush=True)

Supervisor(modules=[child(main, restart="temporary", significant=True)])
