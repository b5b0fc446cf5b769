from rebeam import GenPy, call, cast, receive, register, run_register_process, unregister


class Holder(GenPy):
    def __init__(self, number):
        self.number = number

    @receive("take")
    def take(self):
        register("name")

    @receive("drop")
    def drop(self):
        unregister("name")

    @receive("who")
    def who(self):
        return self.number


class Asker(GenPy):
    @receive("ask")
    def ask(self, message):
        wrong = []
        for turn in range(200):
            number = turn % len(message)
            call(message[number], "take")
            seen = [call("name", "who")[1], call("name", "who")[1], cast("name", "who")]
            call(message[number], "drop")
            seen += [*call("name", "who"), cast("name", "who")]
            if seen != [number, number, True, "down", "noproc", False]:
                wrong.append((turn, seen))
        return wrong


holders = [run_register_process(Holder(number)) for number in range(3)]
print(*call(run_register_process(Asker), "ask", holders, timeout=60))
