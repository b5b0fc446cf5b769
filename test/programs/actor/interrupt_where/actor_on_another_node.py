import time

from interrupt_actors import Base

from rebeam import GenPy, Supervisor, call, call_many, cast, receive


class Target(Base):
    @receive("loop")
    def loop(self):
        while True:
            pass

    @receive("swallow")
    def swallow(self):
        while True:
            try:
                self.loop()
            except BaseException:
                pass

    @receive("busy")
    def busy(self):
        end = time.monotonic() + 2
        while time.monotonic() < end:
            pass


class Asker(GenPy):
    name = "asker"

    @receive("ask")
    def ask(self, message):
        pid, subject = message
        if subject == "queued":
            cast(pid, "busy")
            answers = call_many([(pid, "loop"), (pid, "loop")], 0.3, interrupt=True)
            return [status.value for status, _ in answers]
        return call(pid, subject, None, 0.3, interrupt=True)[0].value


Supervisor([Target, Asker], max_restarts=100)
