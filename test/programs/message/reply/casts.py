import sys
from typing import Any

from waiting import wait_until

from rebeam import (
    GenPy,
    GenStateMachine,
    ProcessID,
    call,
    cast,
    child,
    event,
    no_reply,
    receive,
    reply,
    response_error,
    run_register_process,
)


class Clerk(GenPy):
    def __init__(self, name):
        self.name = name
        self.kept = None

    @receive("now")
    @receive("add")
    def now(self, message):
        return message + 1

    @receive("later")
    def later(self, source):
        self.kept = source
        return no_reply()

    @receive("answer")
    def answer(self, message):
        reply(self.kept, message)

    @receive("refuse")
    def refuse(self, source):
        reply(source, response_error("no"))
        return no_reply()

    @receive("pass on")
    def pass_on(self, source):
        cast("other", "answer for", source)
        return no_reply()

    @receive("answer for")
    def answer_for(self, message):
        reply(message, "from another")

    @receive()
    def bounced(self, subject):
        self.kept = f"bounced: {subject}"

    @receive("kept")
    def shown(self):
        return self.kept if isinstance(self.kept, str) else "nothing bounced"


class Machine(GenStateMachine):
    name = "machine"
    initial_state = "only"

    @event("now")
    def now(self, message):
        return message + 1

    @event("later")
    def later(self, source):
        reply(source, "of the machine")
        return no_reply()

    @event("ask")
    def ask(self):
        cast("clerk", "add", 10, sender_pid=ProcessID())
        return no_reply()

    @event()
    def heard(self, subject, message, status, source):
        if subject == "add":
            cast("sender", "machine heard", (message, str(status), source))


class Sender(GenPy):
    name = "sender"

    def __init__(self):
        self.heard = []

    @receive("ask")
    def ask(self, message):
        target, subject, value = message
        return cast(target, subject, value, sender_pid=ProcessID())

    @receive("heard")
    def all(self):
        return self.heard

    @receive()
    def note(self, subject, message, status, source):
        self.heard.append((subject, message, status and str(status), source))
        return "this answers nobody"


where: Any = sys.argv[1]
pids = {
    run_register_process(child(item, isolation=where)): name
    for item, name in ((Clerk("clerk"), "clerk"), (Clerk("other"), "other"), (Machine(), "machine"))
}
pids[run_register_process(Sender)] = "sender"
asked = [
    ("clerk", "now", 1),
    ("clerk", "later", None),
    ("clerk", "refuse", None),
    ("clerk", "pass on", None),
    ("machine", "now", 5),
    ("machine", "later", None),
    ("machine", "ask", None),
]
for number, each in enumerate(asked, 1):
    call("sender", "ask", each)
    if each[1] == "later" and each[0] == "clerk":
        cast("clerk", "answer", "late")
    wait_until(lambda: len(call("sender", "heard")[1]) == number)
for subject, message, status, source in call("sender", "heard")[1]:
    if subject == "machine heard":
        message = (*message[:2], pids[message[2]])
    print(subject, message, status, pids.get(source))
print(call("clerk", "kept")[1])
