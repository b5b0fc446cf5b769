from rebeam import GenPy, call, receive, run_register_process, self_pid


class All(GenPy):
    @receive("none")
    def none():
        return "none"

    @receive("self")
    def only_self(self):
        return type(self).__name__

    @receive("turned")
    def turned(subject, message, self):
        return [subject, message, type(self).__name__]

    @receive("source")
    def source(message, source):
        return [message, source]

    @receive("status")
    def status(status):
        return status

    @receive("rest")
    def rest(self, **rest):
        return sorted(rest)

    @receive("some and rest")
    def some(subject, **rest):
        return [subject, sorted(rest)]

    @receive("default")
    def default(message, other="default", *more, last=7):
        return [message, other, more, last]

    @receive("keyword")
    def keyword(*, message):
        return message

    @receive()
    def catch_all(**args):
        return args


class Asker(GenPy):
    name = "asker"

    @receive("ask")
    def ask(self, message):
        return [call(message, "source", 1)[1][1] == self_pid(), self.name]


it = run_register_process(All())
run_register_process(Asker)
for subject in ("none", "self", "turned", "status", "rest", "some and rest", "default", "keyword"):
    print(call(it, subject, 5))
print(call("asker", "ask", it))
status, args = call(it, "anything", "m")
print(sorted(args), args["subject"], args["message"], args["status"])
