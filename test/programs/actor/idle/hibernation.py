from rebeam import GenPy, Supervisor, idle, receive, sleep


class Sleepy(GenPy):
    hibernate_after = 0.4

    def __init__(self):
        self.name = "sleepy"

    @receive("echo")
    def echo(self, message):
        return message

    @receive("wait")
    def wait(self, message):
        sleep(message)


class Awake(Sleepy):
    def __init__(self):
        self.name = "awake"
        self.hibernate_after = None


class Both(Sleepy):
    def __init__(self):
        self.name = "both"
        self.n = 0

    @idle(0.7)
    def quiet(self):
        self.n += 1

    @receive("n")
    def number(self):
        return self.n


def silent():
    sleep(1000)


Supervisor(modules=[Sleepy(), Awake(), Both(), silent])
