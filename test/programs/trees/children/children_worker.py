import __main__
from rebeam import *


def named(name):
    """What is called so, by the program or here."""
    return vars(__main__).get(name) or globals()[name]


class Worker(GenPy):
    def __init__(self, name=None, kids=()):
        if name:
            self.name = name
        self.kids = kids

    @start()
    def boot(self):
        for kid in self.kids:
            start_child("top", child(Worker(), id=kid))

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")

    @receive("there")
    def there(self):
        return self_pid()

    @receive("do")
    def do(self, message):
        function, *arguments = message
        return named(function)(*arguments)


class Bad(GenPy):
    @start()
    def boot(self):
        raise KeyError("no start")


def said(function):
    try:
        return function()
    except Exception as error:
        return f"{type(error).__name__} {str(error).strip().splitlines()[-1]}"


def ids(sup):
    return [each.id for each in which_children(sup)]


def last(function):
    return child(function, restart="transient", significant=True)
