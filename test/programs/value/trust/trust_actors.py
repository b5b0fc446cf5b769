import enum
import sys

from rebeam import GenPy, call, child, receive, register, run_register_process, sleep


class Colour(enum.Enum):
    RED = 1


def attempt(call):
    try:
        status, answer = call()
        last = answer.strip().splitlines()[-1] if isinstance(answer, str) else answer
        return f"{status.value} {last}"
    except Exception as error:
        return f"{type(error).__name__} {str(error).partition(' (what a child')[0]}"


class Echo(GenPy):
    def __init__(self, argument=None):
        self.argument = argument

    @receive("echo")
    def echo(self, message):
        return message

    @receive("argument")
    def show(self):
        return self.argument

    @receive("object")
    def give(self):
        return [Colour.RED]

    @receive("send")
    def send(self, message):
        target, size = message
        return attempt(lambda: call(target, "echo", [Colour.RED] if size is None else "a" * size))

    @receive("long")
    def long(self, message):
        return "a" * message

    @receive("crash")
    def crash(self, message):
        raise ValueError("a" * message)


def function():
    register("function")
    sleep(60)


def start(item):
    return run_register_process(child(item, isolation=sys.argv[1], restart="temporary"))
