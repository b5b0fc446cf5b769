from rebeam import GenPy, call, cast, receive, run_register_process


class Log(GenPy):
    name = "log"

    def __init__(self):
        self.seen = []

    @receive("add")
    def add(self, message):
        self.seen.append(message)

    @receive("all")
    def all(self):
        return self.seen


class Sender(GenPy):
    @receive("go")
    def go(self, message):
        for n in range(300):
            if n % 7 == 0:
                call("log", "add", (message, n))
            else:
                cast("log", "add", (message, n))


run_register_process(Log)
senders = [run_register_process(Sender) for _ in range(5)]
for number, each in enumerate(senders):
    cast(each, "go", number)
for each in senders:
    call(each, "nothing", timeout=60)
seen = call("log", "all")[1]
for number in range(5):
    print([n for who, n in seen if who == number] == list(range(300)))
