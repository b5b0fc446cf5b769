import __main__
from rebeam import *


def named(name):
    """What is called so, by the program or here."""
    return vars(__main__).get(name) or globals()[name]


class Owner(GenPy):
    def __init__(self, name="owner", trap=False):
        self.name, self.trap = name, trap
        self.saw = []

    @start()
    def begin(self):
        trap_exit(self.trap)

    @receive("run")
    def run(self, message):
        return named(message)()

    @receive("saw")
    def all(self):
        return self.saw

    @info()
    def event(self, message):
        self.saw.append(message)


class Stopping(Owner):
    @stop()
    def cleanup(self, reason):
        print("stop", reason.splitlines()[-1])


def owner(kind=Owner, name="owner", trap=False):
    return run_register_process(child(kind(name, trap), restart="temporary"))


def attempt(function, *args):
    try:
        return function(*args)
    except Exception as error:
        return f"{type(error).__name__} {last(str(error))}"


def last(text):
    return text.strip().splitlines()[-1]


def add(a, b=0):
    sleep(0.01)
    return a + b


def fail(what="on purpose"):
    sleep(0.01)
    raise ValueError(what)
