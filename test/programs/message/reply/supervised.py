from deferred import Clerk

from rebeam import ProcessID, Supervisor, cast, no_reply, receive, reply, sleep


class Late(Clerk):
    @receive("soon")
    def soon(self, message, source):
        cast(ProcessID(), "later", (source, message))
        return no_reply()

    @receive("later")
    def later(self, message):
        source, answer = message
        reply(source, answer)
        reply(source, "again")

    @receive("source")
    def source(self, source):
        return [source]


def silent():
    sleep(1000)


Supervisor(modules=[Late(), silent])
