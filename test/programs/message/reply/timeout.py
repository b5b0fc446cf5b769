from baseline import counts, settled
from deferred import Asker, Clerk

from rebeam import call, cast, receive, run_register_process


class Late(Asker):
    @receive("late")
    def late(self):
        answers = [call("clerk", "ask", "late", timeout=0.05)]
        answers.append(call("clerk", "answer", "too late"))
        answers.append(call("clerk", "quick", 1))
        answers.append(call("other", "quick", 2))
        # The same while the next call waits.
        answers.append(call("clerk", "ask", "late", timeout=0.05))
        cast("clerk", "answer", "too late")
        answers.append(call("other", "sleepy"))
        answers.append(call("clerk", "quick", 3))
        return [(str(status), response) for status, response in answers]


run_register_process(Clerk())
run_register_process(Clerk("other"))
run_register_process(Late())
before = counts()
print(call("asker", "late")[1])
# From a thread that is no actor's.
print(*call("clerk", "ask", 1, timeout=0.05))
print(*call("clerk", "answer"), *call("clerk", "quick", 4), *call("other", "quick", 5))
print(settled(before))
