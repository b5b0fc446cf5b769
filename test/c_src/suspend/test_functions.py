"""What a program may do to and with functions leaves their twins right."""

from __future__ import annotations

import twins


class Functions(twins.TwinTestCase):
    def test_decorated_helper(self) -> None:
        self.check(
            """
import functools
def logged(fn):
    @functools.wraps(fn)
    def wrapper(*a, **k):
        log.append("before")
        try:
            return fn(*a, **k)
        finally:
            log.append("after")
    return wrapper
@logged
@logged
def ask(x, *, y=1): return call(x) + y
def main(): return ask(1, y=2), ask.__name__, ask.__wrapped__.__name__, ask.__qualname__
""",
            1,
        )

    def test_wraps_does_not_bypass_the_decorator(self) -> None:
        self.check(
            """
import functools
def ask(): return call(1)
@functools.wraps(ask)
def other(): return "other", call(2)
def main(): return ask(), other()
""",
            2,
        )

    def test_callable_in_a_table(self) -> None:
        self.check(
            """
def ask(x): return call(x)
table = {"a": ask, "b": lambda x: call(x) + 1}
def chosen(name): return table[name]
def main(): return table["a"](1), table["b"](2), chosen("a")(3)
""",
            3,
        )

    def test_callback_as_attribute_and_parameter(self) -> None:
        self.check(
            """
from dataclasses import dataclass
from typing import Callable
def ask(x): return call(x)
class Holder:
    def __init__(self, fn): self.fn = fn
    def run(self, x): return self.fn(x)
@dataclass
class Data:
    step: Callable
    def go(self, x): return self.step(x)
def apply(fn, *args): return fn(*args)
def main(): return Holder(ask).run(1), Data(step=ask).go(2), apply(ask, 3), apply(lambda: call(4))
""",
            4,
        )

    def test_aliases(self) -> None:
        self.check(
            """
def ask(x): return call(x)
other = ask
class C:
    method = ask
    def bound(self): return call(5)
def main():
    local = ask
    bound = C().bound
    return other(1), local(2), bound(), C.method(3)
""",
            4,
        )

    def test_property_and_setter(self) -> None:
        self.check(
            """
class C:
    @property
    def x(self): return self._x
    @x.setter
    def x(self, value): self._x = call(value)
    @x.deleter
    def x(self): log.append(call(9))
def main():
    c = C()
    c.x = 1
    got = c.x
    del c.x
    return got, C.x.fset.__name__, sorted(C.__dict__), call(1)
"""
        )

    def test_enum_namespace(self) -> None:
        self.check(
            """
import enum
class Colour(enum.Enum):
    RED = 1
    BLUE = 2
    def ask(self): return call(self.value)
def main(): return [c.ask() for c in Colour], list(Colour.__members__)
""",
            2,
        )

    def test_defaults_assigned_later(self) -> None:
        self.check(
            """
def ask(x=1, *, y=2): return call(x) + y
def main():
    first = ask()
    ask.__defaults__ = (10,)
    ask.__kwdefaults__ = {"y": 20}
    second = ask()
    ask.__defaults__ = None
    try: ask()
    except TypeError as e: return first, second, str(e)
""",
            2,
        )

    def test_code_assigned_later(self) -> None:
        self.check(
            """
def one(): return 1, call(1)
def two(): return 2, call(2)
def plain(): return 3
def main():
    first = one()
    one.__code__ = two.__code__
    second = one()
    one.__code__ = plain.__code__
    return first, second, one()
""",
            2,
        )

    def test_globals_of_another_module(self) -> None:
        self.check(
            """
import types
def ask(): return call(where)
where = 1
def main():
    moved = types.FunctionType(ask.__code__, {"call": call, "where": 5})
    return ask(), moved()
""",
            2,
        )

    def test_closure_cells_are_shared(self) -> None:
        self.check(
            """
def counter():
    n = 0
    def add(x):
        nonlocal n
        n += call(x)
        return n
    def get(): return n
    return add, get
def main():
    add, get = counter()
    return add(1), get(), list(map(add, [2])), get(), add(3)
"""
        )

    def test_keyword_names(self) -> None:
        self.check(
            """
def ask(**names): return call(1), names
class C:
    def m(this, self, f, callable, args=1, kwargs=2, *, state=3, call_=4):
        return call(self), f, callable, args, kwargs, state
def main():
    return (ask(self=1, f=2, callable=3, args=4, kwargs=5, callee=6, x=7),
            C().m(self=1, f=2, callable=3, kwargs=5, state=1))
""",
            2,
        )

    def test_wrong_arguments(self) -> None:
        self.check(
            """
import functools
def ask(a, /, b, *, c): return call(a)
@functools.wraps(ask)
def renamed(a): return call(a)
renamed.__qualname__ = "elsewhere.renamed"
class C:
    def m(self): return call(1)
def attempt(f, *a, **k):
    try: return f(*a, **k)
    except TypeError as e: return str(e)
def main():
    x = 5
    return (attempt(ask), attempt(ask, 1, 2), attempt(ask, 1, 2, c=3), attempt(ask, 1, 2, 3, 4),
            attempt(ask, 1, b=2, c=3, a=4), attempt(renamed), attempt(C().m, 1), attempt(C.m),
            attempt(lambda: ask(*x)), attempt(lambda: ask(**x)), attempt(lambda: ask(1, *x)),
            attempt(lambda: ask(**{1: 2})), attempt(lambda: dict(**{1: 2})),
            attempt(lambda: ask(b=1, **{"b": 2})), attempt(lambda: C().m(*x)), attempt(5))
"""
        )

    def test_many_arguments(self) -> None:
        self.check(
            """
def ask(*a, **k): return call(1), a, k
class C:
    def m(self, *a, **k): return call(2), a, k
def main():
    return (ask(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, x=1, y=2),
            C().m(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, x=1, y=2), C().m(),
            C().m(1, *range(40), **{"z": 1}))
""",
            4,
        )

    def test_class_cell_and_qualified_names(self) -> None:
        self.check(
            """
class A:
    def m(self):
        call(1)
        def inner(): return __class__
        class B:
            def n(self): return call(2)
        return inner().__name__, inner.__qualname__, B.n.__qualname__, B.__qualname__
def main(): return A().m()
""",
            1,
        )

    def test_what_a_program_sees_of_a_function(self) -> None:
        self.check(
            """
import inspect
def ask(x, y=2):
    "doc"
    return call(x)
def main():
    return (call(1), inspect.iscoroutinefunction(ask), str(inspect.signature(ask)), ask.__doc__,
            ask.__code__.co_varnames, ask.__code__.co_flags & 0x2a0, sorted(vars(ask)),
            sorted(name for name in globals() if not name.startswith("__")))
"""
        )

    def test_two_functions_on_one_line(self) -> None:
        self.check("def main(): f, g = (lambda: call(1), lambda: call(2)); return f() + g()", 2)

    def test_finally_compiled_twice(self) -> None:
        self.check(
            """
def main():
    try:
        if call(1): return call(2)
    finally:
        f = lambda: call(3)
        log.append(f())
""",
            3,
        )

    def test_classes(self) -> None:
        self.check(
            """
import abc
class Base(abc.ABC):
    def __init__(self, x, *, y=0): self.x = call(x) + y
class Derived(Base):
    def __init__(self, x): super().__init__(x, y=call(1))
class Inherits(Derived): pass
class New:
    def __new__(cls, x): return super().__new__(cls) if x else [x]
    def __init__(self, x): self.x = call(x)
class Abstract(Base):
    @abc.abstractmethod
    def m(self): ...
class Bad:
    def __init__(self): return call(1)
class Stops:
    def __init__(self):
        call(1)
        raise StopIteration(5)
class Meta(type):
    def __call__(cls, *a): return "meta", a
class Odd(metaclass=Meta):
    def __init__(self): call(1)
def attempt(f, *a, **k):
    try: return f(*a, **k).x
    except BaseException as e: return type(e), str(e), e.__traceback__.tb_next is None
def main():
    return (Base(1).x, Derived(2).x, Inherits(3).x, New(4).x, New(0), attempt(Abstract, 1),
            attempt(Base), attempt(Base, 1, z=2), attempt(Bad), attempt(Stops), Odd(1),
            attempt(Derived, 5), isinstance(Inherits(1), Base))
"""
        )

    def test_construction_suspends(self) -> None:
        self.check(
            """
class C:
    def __init__(self, x): self.x = call(x)
class D(C): pass
def main(): return C(1).x, D(2).x
""",
            2,
        )

    def test_callable_instances(self) -> None:
        self.check(
            """
class Asker:
    def __init__(self, n): self.n = n
    def __call__(self, x, *, y=1): return call(x) + y + self.n
ask = Asker(1)
def main():
    own = Asker(2)
    own.__call__ = None
    return ask(1), own(2, y=3), Asker(3)(*[4])
""",
            3,
        )

    def test_partials(self) -> None:
        self.check(
            """
from functools import partial
def ask(a, b, *, c, d=0): return call(a) + b + c + d
p = partial(ask, 1, c=2)
def main(): return p(2), p(3, c=4), partial(p, d=5)(1), partial(call, 3)()
""",
            4,
        )

    def test_replaced_function(self) -> None:
        import time

        twins._rebeam.replace(time.sleep)
        namespace = twins.load("import time\ndef main(): return time.sleep(0), time.sleep(0.0)")
        _, suspended = twins.drive(namespace["main"])
        self.assertEqual(suspended, 2)


if __name__ == "__main__":
    twins.unittest.main()
