"""`call` inside every construct of the language: same result, same traceback, every effect once."""

from __future__ import annotations

import textwrap
import unittest
from collections.abc import Callable

import twins

# Each is the body of main(); the number says how often it suspends through its twin.
SUSPENDING = {
    "expression": (1, "return call(1) + 1"),
    "arguments": (3, "return call(call(1) + call(2))"),
    "list_comprehension": (4, "return [call(i) for i in range(4)]"),
    "comprehension_iterable": (1, "return [i for i in [call(1)]]"),
    "comprehension_filter": (4, "return [i for i in range(4) if call(i) > 2]"),
    "set_comprehension": (4, "return {call(i) for i in range(4)}"),
    "dict_comprehension": (4, "return {call(i): call(-i) for i in range(2)}"),
    "nested_comprehension": (9, "return [[call(j) for j in range(call(i))] for i in range(3)]"),
    "two_loops_comprehension": (6, "return [call(i + j) for i in range(2) for j in [i, call(i)]]"),
    "comprehension_closure": (2, "return [f() for f in [lambda: call(i) for i in range(2)]]"),
    "comprehension_walrus": (2, "r = [(last := call(i)) for i in range(2)]; return r, last"),
    "generator_first_iterable": (1, "return list(i for i in range(call(2)))"),
    "lambda": (1, "return (lambda x: call(x) + 1)(2)"),
    "lambda_default": (1, "return (lambda x=call(3): x)()"),
    "lambda_nested": (2, "return (lambda x: (lambda y: call(x) + call(y))(2))(1)"),
    "nested_function": (2, """
        def inner(x):
            return call(x) + call(2)
        return inner(1)"""),
    "closure": (2, """
        total = 1
        def add(x):
            nonlocal total
            total += call(x)
            return total
        return add(1), add(2), total"""),
    "conditional": (2, "return call(1) if call(0) == 0 else call(5)"),
    "boolean": (2, "return call(0) or call(1) or call(2)"),
    "chained_comparison": (3, "return call(1) < call(2) < call(3)"),
    "chained_comparison_ends": (2, "return call(3) < call(2) < call(1)"),
    "augmented_subscript": (3, """
        d = {2: 1}
        def key():
            log.append("key")
            return call(1)
        d[key()] += call(10)
        d[call(1)] *= 2
        return d"""),
    "augmented_attribute": (1, """
        class C: x = 1
        def get():
            log.append("get")
            return C
        get().x += call(2)
        return C.x"""),
    "walrus": (1, "return [y := call(1), y]"),
    "f_string": (3, "return f'{call(1)!r:>{call(5)}} {call(3)=}'"),
    "star_args": (3, "return (lambda *a, **k: (a, k))(*[call(1)], call(2), **{'x': call(3)})"),
    "default_argument": (1, """
        def f(x=call(4)): return x
        return f(), f()"""),
    "keyword_default": (1, """
        def f(*, x=call(4)): return x
        return f(), f.__kwdefaults__"""),
    "decorator_expression": (1, """
        def deco(n):
            log.append(n)
            return lambda f: f
        @deco(call(2))
        def g(): return 1
        return g()"""),
    "class_bases": (1, """
        def base(x):
            call(x)
            return object
        class C(base(1)): pass
        return C.__mro__[1:]"""),
    "assert": (2, """
        try:
            assert call(0), call("message")
        except AssertionError as e:
            return e.args"""),
    "match": (3, """
        match call(2):
            case 1: return "no"
            case x if call(x) == 9: return "no"
            case 4 | 5: return call(1)"""),
    "if_elif": (3, """
        if call(0): return 1
        elif call(1): return call(2)"""),
    "while": (4, """
        n = 0
        while call(n) < 6:
            n += 1
        else:
            n = -n
        return n"""),
    "for_else": (4, """
        for i in range(call(1)):
            log.append(call(i))
        else:
            log.append("else")
        for i in range(3):
            if call(i) == 0: break
        return i"""),
    "with": (4, """
        from contextlib import contextmanager
        @contextmanager
        def manager(n):
            log.append(("enter", n))
            try: yield n
            finally: log.append(("exit", n))
        with manager(call(1)) as a, manager(call(2)) as b:
            log.append(call(a))
        return call(b)"""),
    "with_suppressing": (1, """
        import contextlib
        with contextlib.suppress(ValueError):
            call(ValueError("x"))
            log.append("not reached")
        return log"""),
    "try_except_else_finally": (5, """
        def attempt(value):
            try: got = call(value)
            except KeyError as e: got = ("except", e.args, call(1))
            else: got = ("else", got)
            finally: log.append(call(2))
            return got
        return attempt(KeyError(3)), attempt(1)"""),
    "return_in_finally": (1, """
        try: return 1
        finally: log.append(call(1))"""),
    "reraise": (2, """
        try:
            try: call(ValueError("inner"))
            except ValueError as e: raise KeyError(call(1)) from e
        except KeyError as e:
            return type(e.__cause__), type(e.__context__), e.args"""),
    "exception_group": (1, """
        try: raise ExceptionGroup("g", [ValueError(1), KeyError(2)])
        except* ValueError as g: log.append(call(1))
        except* KeyError: log.append("key")"""),
    "exc_info": (1, """
        import sys
        try: 1 / 0
        except ZeroDivisionError:
            call(1)
            log.append(sys.exc_info()[0])
        return sys.exc_info()"""),
    "delete": (1, "d = {2: 1}; del d[call(1)]; return d"),
    "unpacking": (1, "a, *b = [call(1), 2, 3]; return a, b"),
    "slice": (2, "return list(range(10))[call(1):call(3)]"),
    "subscript_store": (2, "d = {}; d[call(1)] = call(2); return d"),
    "method_chain": (2, """
        return (str(call(12))
                .replace("2", str(call(4)))
                .upper())"""),
    "global_statement": (1, """
        global set_here
        set_here = call(7)
        return set_here"""),
    "recursion": (1, """
        def down(n): return call(1) if n == 0 else down(n - 1) + 1
        return down(50)"""),
    "locals": (1, """
        x = call(1)
        [call_ for call_ in ()]
        return sorted(locals().items())"""),
    "eval_and_friends": (1, """
        x = call(1)
        exec("y = 1", {})
        return eval("x + 1"), sorted(vars()), sorted(dir()), "main" in globals()"""),
    "frames": (1, """
        import sys
        def caller(): return sys._getframe(1).f_code.co_name, sys._getframe().f_code.co_qualname
        def wait():
            call(1)
            return caller()
        return wait()"""),
    "warning_stacklevel": (1, """
        import warnings
        def warn():
            call(1)
            warnings.warn("here", stacklevel=2)
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            warn()
        return [(w.lineno, str(w.message)) for w in seen]"""),
    "docstring": (1, """
        def f():
            "text"
            return call(1)
        return f(), f.__doc__"""),
    "class_method": (3, """
        class C:
            def m(self): return call(1)
            @classmethod
            def c(cls): return cls.__name__, call(2)
            @staticmethod
            def s(x): return call(x)
        return C().m(), C.c(), C.s(3)"""),
    "super": (2, """
        class A:
            def m(self, x): return call(x)
        class B(A):
            def m(self, x): return super().m(x) + super(B, self).m(x) + len(__class__.__name__)
        return B().m(2)"""),
    "private_names": (2, """
        class C:
            def __init__(self): self.__x = 1
            def __secret(self, __y): return call(self.__x) + __y
            def m(self): return self.__secret(call(3))
        return C().m()"""),
    "partial_application": (0, """
        import functools
        return functools.partial(lambda *a: a, 1)(2)"""),
    "own_names": (1, "call_ = result = mark = call(1); return call_, result, mark"),
    "nested_class": (2, """
        def outer(n):
            class K:
                size = n
                def get(self): return call(self.size) + call(n)
            return K
        return outer(2)().get(), outer(2).__qualname__, outer(2).get.__qualname__"""),
    "construction": (1, """
        class C:
            def __init__(self, x): self.x = call(x)
        return C(2).x"""),
    "generic_function": (1, """
        def first(items, default=call(3)): return items or default
        return first([])"""),
    "annotations": (1, """
        def f(x: list[int] = None) -> "str":
            y: int = call(1)
            return y
        return f(), f.__annotations__"""),
    "yield_in_other_function": (2, """
        def numbers():
            yield 1
            yield 2
        return [call(n) for n in numbers()]"""),
}

# CPython cannot suspend here: the same result, on the thread that runs.
PLAIN = {
    "generator_expression": "return list(call(i) for i in range(3))",
    "generator": """
        def numbers():
            for i in range(3): yield call(i)
        return list(numbers())""",
    "sort_key": "return sorted([3, 1, 2], key=lambda x: call(-x))",
    "map": "return list(map(call, [1, 2]))",
    "getattr": """
        class C:
            def __getattr__(self, name): return call(name)
        return C().abc""",
    "property": """
        class C:
            @property
            def x(self): return call(1)
            @x.setter
            def x(self, value): log.append(call(value))
        c = C()
        c.x = 5
        return c.x""",
    "enter": """
        class M:
            def __enter__(self): return call(1)
            def __exit__(self, *e): log.append(call(2))
        with M() as m: return m""",
    "class_body": """
        class C:
            x = call(1)
            y = [i for i in range(x)]
        return C.x, C.y""",
    "operator": """
        class C:
            def __add__(self, other): return call(other)
        return C() + 1""",
    "comparison": """
        class C:
            def __eq__(self, other): return call(1) == 2
        return C() == 1""",
    "iteration": """
        class C:
            def __iter__(self): return iter([call(1)])
        return list(C())""",
    "lambda_comprehension": "return (lambda: [call(i) for i in range(2)])()",
}


class Suspending(twins.TwinTestCase):
    """Constructs that suspend."""


class Plain(twins.TwinTestCase):
    """Constructs whose calls wait."""


class Failing(twins.TwinTestCase):
    """One call after the other fails, in each construct: same traceback, same effects."""


def source_of(body: str) -> str:
    return "def main():\n" + textwrap.indent(textwrap.dedent(body), "    ")


def add_tests() -> None:
    def suspending(count: int, body: str) -> Callable[[twins.TwinTestCase], None]:
        def test(self: twins.TwinTestCase) -> None:
            self.check(source_of(body), count)

        return test

    def failing(count: int, body: str) -> Callable[[twins.TwinTestCase], None]:
        def test(self: twins.TwinTestCase) -> None:
            for number in range(1, count + 1):
                with self.subTest(number=number):
                    self.check(source_of(body), fail_at=number)

        return test

    for name, (count, body) in SUSPENDING.items():
        setattr(Suspending, f"test_{name}", suspending(count, body))
        setattr(Failing, f"test_{name}", failing(count, body))
    for name, body in PLAIN.items():
        setattr(Plain, f"test_{name}", suspending(0, body))


add_tests()

if __name__ == "__main__":
    unittest.main()
