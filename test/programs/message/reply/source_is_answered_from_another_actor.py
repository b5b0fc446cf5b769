import copy
import pickle
import threading

from baseline import counts, settled
from deferred import Asker, Clerk, ask, wait_for

from rebeam import GenPy, call, no_reply, receive, reply, run_register_process, whereis


class Threaded(GenPy):
    name = "threaded"

    @receive("ask")
    def ask(self, message, source):
        def answer(source):
            reply(source, ("thread", message))

        threading.Thread(target=answer, args=(source,)).start()
        return no_reply()

    @receive("pickled")
    def pickled(self, source):
        again = pickle.loads(pickle.dumps(copy.deepcopy([source])))[0]
        same = again == source and hash(again) == hash(source) and repr(again) == repr(source)
        reply(again, ("pickled", same, again == self.asker()))
        return no_reply()

    def asker(self):
        return whereis("asker")


run_register_process(Clerk())
run_register_process(Clerk("other"))
run_register_process(Threaded)
run_register_process(Asker())
before = counts()
ask("asker", "clerk", "ask", "travelled", 10)
wait_for(1)
print(*call("clerk", "hand over", "other"))
print(*call("other", "answer", "from the other"))
ask("asker", "threaded", "ask", 7, 10)
ask("asker", "threaded", "pickled", None, 10)
print(call("asker", "answers")[1])
print(*call("asker", "plainly", ("threaded", "ask", 8)))
print(*call("threaded", "ask", 9))
print(settled(before))
