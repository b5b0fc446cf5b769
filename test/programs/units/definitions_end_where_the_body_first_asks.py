import os
import threading

from rebeam import GenPy, Supervisor, call, child, receive, run_register_process


class Early(GenPy):
    def __init__(self, first=None):
        pass

    @receive("ask")
    def ask(self):
        return "here"


def tell(what):
    print(what, flush=True)


print(call(run_register_process(child(Early, isolation="process")), "ask")[1])


class Late(GenPy):
    pass


def text(make):
    try:
        make()
    except Exception as error:
        return f"{type(error).__name__} {error}"


late = run_register_process(child(Late, isolation="process"))


class Later(GenPy):
    pid = late


told = text(lambda: run_register_process(child(Later, isolation="process")))
print("AttributeError: module '__mp_main__' has no attribute 'Later'" in told)
print([line for line in told.splitlines() if "left out" in line][0].partition("main.py ")[2])
nameless = lambda: None
print(text(lambda: run_register_process(child(nameless, isolation="process"))))
bad = Early({"a": [threading.Lock()]})
print(text(lambda: run_register_process(child(bad, isolation="process"))))
print(text(lambda: child(Early, isolation="thread")))
print(text(lambda: child(Supervisor([]), isolation="process")), flush=True)
os._exit(0)  # not to run that supervisor
