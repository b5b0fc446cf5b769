import threading

from call_many_actors import Server

from rebeam import call, call_many, run_register_process


def attempt(*args):
    try:
        print(call_many(*args))
    except (TypeError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")


run_register_process(Server("one"))
good = ("one", "sleep", (0, "sent"))
attempt([good, ("one", "double", {"rows": [0, threading.Lock()]})])
attempt([good, ("one",)])
attempt([good, "one"])
attempt([good, (1, "double")])
attempt([good, (("one", 5), "double")])
attempt([good, ("one", b"double")])
attempt([good], -1)
attempt([good], float("nan"))
attempt([good], "soon")
attempt(5)
print(call("one", "served")[1])
