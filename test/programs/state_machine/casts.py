from door import Door
from waiting import wait_until

from rebeam import GenPy, Supervisor, call, cast, child, receive, self_pid, whereis


class Sender(GenPy):
    name = "sender"

    def __init__(self):
        self.heard = []

    @receive("send")
    def send_on(self, message):
        subject, what = message
        return cast("door", subject, what, sender_pid=self_pid())

    @receive("heard")
    def all(self):
        return self.heard

    @receive()
    def response(self, subject, message, status, source):
        self.heard.append([subject, message, str(status), source == whereis("door")])


def drive():
    for subject, what in (("push", 1), ("later", 2), ("coin", 5), ("push", 3), ("nope", 4)):
        call("sender", "send", [subject, what])
    wait_until(lambda: len(call("sender", "heard")[1]) >= 5)
    for each in call("sender", "heard")[1]:
        print(each)
    cast("door", "push")
    cast("door", "other")
    call("door", "look")


Supervisor(modules=[Door(), Sender(), child(drive, restart="transient", significant=True)])
