import sys
import threading

from baseline import counts, settled
from waiting import wait_until

from rebeam import GenPy, call, cast, receive, run_register_process


class Echo(GenPy):
    name = "echo"

    @receive("echo")
    def echo(self, message):
        return message

    @receive("answer")
    def answer(self, message):
        return {"deep": [threading.Lock()]}

    @receive("count")
    def count(self):
        return 1


class Row:
    def __init__(self):
        self.lock = threading.Lock()


class Asker(GenPy):
    @receive("ask")
    def ask(self, message):
        try:
            return call("echo", "echo", self.value(message))
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    def value(self, which):
        own = []
        own.append(own)
        deep = []
        for _ in range(50_000):
            deep = [deep]
        return {
            "row": {"rows": [1, 2, 3, Row()]},
            "lambda": (1, lambda: 0),
            "generator": [n for n in [(n for n in ())]],
            "module": {"m": sys},
            "key": {(1, Row): 1},
            "file": {1, sys.stdout} if False else [sys.stdout],
            "own": own,
            "deep": deep,
        }[which]


run_register_process(Echo)
asker = run_register_process(Asker)
before = counts()
for which in ("row", "lambda", "generator", "module", "file", "own", "deep"):
    print(which, call(asker, "ask", which)[1])
try:
    cast("echo", "echo", [threading.Lock()])
except TypeError as error:
    print("cast", error)
status, reason = call("echo", "answer")
print(status, reason.strip().splitlines()[-1])
wait_until(lambda: call("echo", "count")[0])
print(settled(before))
