"""What copies, and what a factory makes, are restarted with."""

import copy
import pickle

from waiting import wait_until

from rebeam import DynamicSupervisor, GenPy, Supervisor, call, child, receive, start_child


class Actor(GenPy):
    def __init__(self, number=0):
        self.number = number

    @receive("get")
    def get(self):
        return self.number, id(self)

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")


class Shape(Actor):
    def __new__(cls, number=0):
        return super().__new__(Square)


class Square(Shape): ...


class Strict(type):
    def __setattr__(cls, name, value):
        raise AttributeError(name)


class OfStrict(Actor, metaclass=Strict):
    def __new__(cls, number):
        return super().__new__(cls)

    def __init__(self, number):
        super().__init__(number)
        assert type(self.__new__(OfStrict, 1)) is OfStrict


class Doubles(type):
    def __call__(cls, number):
        return super().__call__(number * 2)


class OfDoubles(Actor, metaclass=Doubles): ...


class Hooks(type):
    def __call__(cls, number):
        made = super().__call__(number)
        made.number += 100
        return made


class OfHooks(Actor, metaclass=Hooks): ...


class OfInt(Actor, int):
    """Nobody can watch it, so what is kept of it is in it."""

    def __init__(self, number):
        super().__init__(number)
        self.state["number"] = number


def after_crash(instance):
    name = type(instance).__name__
    pid = start_child("all", child(instance, id=object.__repr__(instance), name=name))
    number, first = call(pid, "get")[1]
    call(pid, "crash")

    def again():
        status, got = call(name, "get")
        return status and got[1] != first and got[0]

    return number, wait_until(again)


def main():
    for number, make in enumerate([copy.copy, copy.deepcopy], 10):
        cls = type(f"Copied{number}", (Actor,), {})
        print(make.__name__, after_crash(make(cls(number))))
    print("factory", after_crash(Shape(5)))
    print("strict metaclass", after_crash(OfStrict(6)))
    print("metaclass that changes arguments", after_crash(OfDoubles(9)))
    print("metaclass that does more", after_crash(OfHooks(3)))
    first = OfInt(8)
    print("of int", after_crash(copy.copy(first)), first.state, pickle.loads(pickle.dumps(first)))
    unpickled = pickle.loads(pickle.dumps(Actor(7)))
    print(unpickled.number, unpickled.state)
    try:
        start_child("all", unpickled)
    except TypeError as error:
        print(error)


if __name__ == "__main__":
    Supervisor(
        [
            DynamicSupervisor("all", max_restarts=1000),
            child(main, restart="transient", significant=True),
        ]
    )
