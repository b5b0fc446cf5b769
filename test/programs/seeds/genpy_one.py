"""The sender."""

from rebeam import GenPy, ProcessID, call, cast, receive, self_pid, start


class GenPyOne(GenPy):
    name: str

    def __init__(self, name: str | None = None):
        if name:
            self.name = name

    @start()
    def start(self):
        own = "is its own" if ProcessID() == self_pid() else "is another's"
        print(f"{self.name} started, and ProcessID() {own}")
        self.state["test"] = "test"
        self.answers = []

    @receive("state")
    def show(self):
        self.state["asked"] = self.state.get("asked", 0) + 1
        return self.state

    @receive("call it")
    def call_it(self):
        status, response = call(target="receiver", subject="call_receive", message={"message": 1})
        return str(status), response

    @receive("cast it")
    def cast_it(self, message):
        return cast(
            target="receiver", subject=message, message={"message": 2}, sender_pid=ProcessID()
        )

    @receive("receive")
    def answered(self, message, status, subject):
        self.answers.append((subject, str(status), message))

    @receive("refuse")
    def refused(self, **args):
        self.answers.append((args["subject"], str(args["status"]), args["message"]))

    @receive("answers")
    def all(self):
        return self.answers
