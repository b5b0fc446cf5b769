"""StopIteration, which neither coroutines nor awaitables may raise."""

from __future__ import annotations

import twins


class StopIterationTest(twins.TwinTestCase):
    def test_next_in_a_twin(self) -> None:
        self.check(
            """
def main():
    it = iter([1])
    call(0)
    first = next(it)
    try: next(it)
    except StopIteration as e: return first, e.value, e.args
""",
            1,
        )

    def test_leaves_a_twin(self) -> None:
        self.check(
            """
def stops():
    call(1)
    raise StopIteration(7)
def through(): return stops()
def main():
    try: return through()
    except StopIteration as e:
        import traceback
        return e.value, [f.name for f in traceback.extract_tb(e.__traceback__)], sorted(locals())
""",
            1,
        )

    def test_leaves_everything(self) -> None:
        outcome = self.check("def main():\n    call(1)\n    next(iter(()))\n", 1)
        self.assertTrue(outcome.error.endswith("StopIteration\n"))

    def test_subclass_context_and_cause(self) -> None:
        self.check(
            """
class Mine(StopIteration): pass
def stops():
    try: call(KeyError("first"))
    except KeyError as e: raise Mine(1) from e
def main():
    try: stops()
    except Mine as e: raise ValueError("outer")
""",
            1,
        )

    def test_context_of_the_caller(self) -> None:
        self.check(
            """
def stops():
    call(1)
    raise StopIteration
def main():
    try: 1 / 0
    except ZeroDivisionError:
        try: stops()
        except StopIteration as e: return repr(e.__context__)
""",
            1,
        )

    def test_primitive_raises_it(self) -> None:
        self.check(
            """
def ask(): return call(StopIteration(3))
def main():
    try: return ask()
    except StopIteration as e: return e.value
""",
            1,
        )

    def test_in_a_lambda(self) -> None:
        self.check(
            """
def main():
    f = lambda it: (call(1), next(it))
    g = lambda: f(iter(()))
    try: return g()
    except StopIteration as e:
        import traceback
        return [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)]
""",
            1,
        )

    def test_runtime_error_in_a_lambda_stays(self) -> None:
        self.check(
            """
def bad():
    raise StopIteration
    yield
def main():
    f = lambda: (call(1), next(bad()))
    try: f()
    except RuntimeError as e: return str(e), type(e.__cause__)
""",
            1,
        )

    def test_in_a_generator_that_calls_a_twin(self) -> None:
        self.check(
            """
def stops():
    call(1)
    raise StopIteration
def numbers():
    yield 1
    stops()
def main():
    try: call(2), list(numbers())
    except RuntimeError as e: return str(e)
"""
        )

    def test_in_a_comprehension(self) -> None:
        self.check(
            """
def take(it, n): return [next(it) + call(i) for i in range(n)]
def main():
    try: return take(iter([1, 2]), 3)
    except StopIteration as e:
        import traceback
        return [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)]
""",
            2,
        )

    def test_values_that_look_like_results(self) -> None:
        self.check(
            """
def main():
    f = lambda x: (call(1), x)[1]
    return f((1, 2)), f(StopIteration(3)).value, f(None), f(()), repr(f(KeyError(1))), [call((1,))]
""",
            6,
        )


if __name__ == "__main__":
    twins.unittest.main()
