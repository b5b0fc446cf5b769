from rebeam import GenPy, ProcessID, call, cast, receive


class Client(GenPy):
    def __init__(self):
        self.responses = []

    @receive("call")
    def ask(self, message):
        target, subject, value, timeout = message
        status, answer = call(target, subject, value, timeout=timeout)
        return [str(status), answer]

    @receive("cast")
    def tell(self, message):
        target, subject, value = message
        return cast(target, subject, value, sender_pid=ProcessID())

    @receive("unsent")
    def unsent(self, message):
        target, subject, value = message
        return cast(target, subject, value)

    @receive("who")
    def who(self, message):
        return call(message, "source")[1] == ProcessID()

    @receive("greet")
    def greet(self, message):
        return "hello " + message

    @receive("crash")
    def crash(self):
        raise ValueError("python's fault")

    @receive("responses")
    def all(self):
        return self.responses

    @receive()
    def response(self, subject, message, status):
        self.responses.append([subject, None if status is None else str(status), message])
