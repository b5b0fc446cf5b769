from rebeam import GenPy, call, receive, sleep, whereis


class Step(GenPy):
    def __init__(self, name, timeout):
        self.name, self.timeout = name, timeout

    @receive("ask")
    def ask(self, message):
        if not message:
            return "end"
        status, response = call(message[0], "ask", message[1:], timeout=self.timeout)
        return f"{status}, {response}"

    @receive("plain")
    def plain(self, message):
        # CPython cannot suspend below sorted().
        said = []
        sorted([0], key=lambda _: said.append(self.ask(message)) or 0)
        return said[0]

    @receive("slow")
    def slow(self, message):
        sleep(message)

    @receive("nap")
    def nap(self, message):
        return str(call(message, "slow", 0.5, timeout=0.2)[0])


def pid(name):
    return str(whereis(name))
