import functools

from spawn_actors import Owner, saw, tell

from rebeam import run_register_process, sleep, spawn

run_register_process(Owner)


class Callable:
    def __call__(self, *args):
        sleep(0.01)
        tell("object", *args)

    def method(self, *args):
        sleep(0.01)
        tell("method", *args)

    @classmethod
    def of_class(cls, *args):
        tell("class method", *args)

    @staticmethod
    def static(*args):
        tell("static", *args)


def outer():
    here = "closure"

    def inner(*args):
        sleep(0.01)
        tell(here, *args)

    return inner


async def coroutine():
    pass


whats = [
    outer(),
    lambda *args: tell("lambda", *args),
    Callable(),
    Callable().method,
    Callable.of_class,
    Callable.static,
    functools.partial(outer(), 0),
    print,
]
for what in whats:
    spawn(what, 1)
print(*sorted(saw(7), key=str), sep="\n")
for bad in (3, None, coroutine, Owner, Owner()):
    try:
        spawn(bad)
    except TypeError as error:
        print(str(error).split(" object at")[0])
