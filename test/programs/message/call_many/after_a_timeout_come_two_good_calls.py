from baseline import counts, settled
from call_many_actors import Server, last

from rebeam import GenPy, call, call_many, gen_call, info, receive, run_register_process, sleep


class Asker(GenPy):
    name = "asker"

    def __init__(self):
        self.extra = []

    @receive("ask")
    def ask(self):
        answers = [call_many([("one", "sleep", (0.8, "late")), ("two", "double", 1)], timeout=0.5)]
        answers.append(call("two", "double", 2))
        answers.append(call_many([("two", "double", 3), ("one", "double", 4)], timeout=10))
        answers.append(call("one", "double", 5))
        answers.append(gen_call("one", "raw", timeout=0))
        sleep(0.4)
        answers.append(call("one", "double", 6))
        return answers, self.extra

    @info()
    def unexpected(self, message):
        self.extra.append(message)

    @receive()
    def other(self, subject):
        self.extra.append(subject)


run_register_process(Server("one"))
run_register_process(Server("two"))
run_register_process(Asker)
before = counts()
for _ in range(2):
    many, two, good, five, raw, six = (answers := call("asker", "ask", timeout=30)[1])[0]
    print(*[last(each) for each in (*many, two, *good, five, six)], raw[0] in ("ok", "timeout"))
    print(answers[1])
print(settled(before))
