from baseline import counts, settled
from call_actors import Slow

from rebeam import GenPy, call, receive, run_register_process


class Asker(GenPy):
    name = "asker"

    @receive("ask")
    def ask(self):
        def key(timeout):
            answers.append(call("slow", "sleep", (0.2, timeout), timeout=timeout))
            return 0

        answers = []
        sorted([0.01, 30.0, 0.02, None], key=key)
        return [(str(status), response) for status, response in answers]


run_register_process(Slow())
run_register_process(Asker)
before = counts()
for each in call("asker", "ask", timeout=30)[1]:
    print(*each)
print(settled(before))
