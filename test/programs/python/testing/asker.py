from rebeam import GenPy, call, receive


class Asker(GenPy):
    "Adds one to the counter that it is told."

    @receive("ask")
    def ask(self, message):
        return call(message, "add", 1)
