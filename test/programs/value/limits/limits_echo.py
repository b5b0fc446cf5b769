import enum

from rebeam import GenPy, call, receive


class Colour(enum.Enum):
    RED = 1


class Echo(GenPy):
    name = "echo"

    @receive("echo")
    def echo(self, message):
        return message

    @receive("object")
    def object(self):
        return [Colour.RED]


def attempt(value):
    try:
        status, answer = call("echo", "echo", value)
        return "same" if answer == value and type(answer) is type(value) else answer
    except (TypeError, ValueError) as error:
        return f"{type(error).__name__} {error}"
