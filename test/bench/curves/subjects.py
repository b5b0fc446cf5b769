"""A class with so many subjects: what a call of any of them costs."""

import random
import time

from bench.line import Curve, decades

from rebeam import GenPy, Supervisor, call, receive

curve = Curve("subjects of a class", "subjects", {"call": "us"}, decades(1, 10_000))
CALLS = 20_000


def handler(number):
    def answer(self):
        return number

    return receive(f"subject {number}")(answer)


class Caller(GenPy):
    name = "caller"

    @receive("go")
    def go(self, message):
        asked = random.Random(1).choices(range(message), k=CALLS)
        begin = time.perf_counter()
        for number in asked:
            assert call("many", f"subject {number}")[1] == number
        return {"call": (time.perf_counter() - begin) * 1e6 / CALLS}


@curve.measure
def measure(size):
    handlers = {f"handle_{number}": handler(number) for number in range(size)}
    many = type("Many", (GenPy,), {"name": "many", **handlers})
    with Supervisor([many(), Caller]):
        status, figures = call("caller", "go", size, timeout=None)
        assert status == "ok", figures
        return figures


if __name__ == "__main__":
    curve.serve()
