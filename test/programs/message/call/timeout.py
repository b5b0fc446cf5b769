from baseline import counts, settled
from call_actors import Slow

from rebeam import GenPy, call, info, receive, run_register_process, sleep


class Asker(GenPy):
    name = "asker"

    @receive("ask")
    def ask(self, message):
        answers = []
        answers.append(call("slow", "sleep", (0.3, "late"), timeout=0.05))
        answers.append(call("other", "quick", 1))
        answers.append(call("slow", "quick", 2))
        answers.append(call("slow", "sleep", (0, 3)))
        answers.append(call("other", "quick", 4))
        sleep(0.1)
        answers.append(call("slow", "quick", 5))
        return answers

    @info()
    def unexpected(self, message):
        print("unexpected", message)


run_register_process(Slow())
run_register_process(Slow("other"))
run_register_process(Asker)
before = counts()
for _ in range(2):
    for status, response in call("asker", "ask", timeout=30)[1]:
        print(status, response)
# The same from a thread that is no actor's.
print(*call("slow", "sleep", (0.2, "late"), timeout=0.01))
print(*call("slow", "quick", 6), *call("other", "quick", 7))
print(call("slow", "served")[1], settled(before))
