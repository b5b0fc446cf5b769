from baseline import counts, settled

from rebeam import GenPy, call, receive, run_register_process


class Peer(GenPy):
    def __init__(self, name, other):
        self.name = name
        self.other = other

    @receive("ask")
    def ask(self, message):
        if message == 0:
            return "bottom"
        status, response = call(self.other, "ask", message - 1, timeout=0.3 * message)
        return f"{self.name}: {status} {response}"


run_register_process(Peer("a", "b"))
run_register_process(Peer("b", "a"))
before = counts()
print(call("a", "ask", 1))
# b's own call to a cannot be answered, as a waits for b.
print(call("a", "ask", 2))
print(call("a", "ask", 0), call("b", "ask", 0))
print(call("b", "ask", 1)[1])
print(settled(before))
