from baseline import counts, settled

from rebeam import GenPy, call, receive, run_register_process, sleep


class Slow(GenPy):
    name = "slow"

    @receive()
    def other(self, message):
        sleep(0.05)
        return message + 1


class Asker(GenPy):
    def __init__(self):
        self.log = []

    @receive("go")
    def go(self, message):
        self.log.append(("handler", message))
        total = self.first(message)
        self.log.append(("end", total))
        return self.log

    def first(self, n):
        self.log.append(("first", n))
        return second(self.log, n) + 100


def second(log, n):
    log.append(("second", n))
    with open("written", "a") as file:
        file.write(f"{n}\n")
    status, response = call("slow", "any", n)
    log.append(("after", response))
    status, response = call("slow", "any", response)
    return response


run_register_process(Slow)
asker = run_register_process(Asker)
before = counts()
print(call(asker, "go", 1)[1])
print(len(call(asker, "go", 2)[1]))
print(open("written").read().split())
print(settled(before))
