"""`call` in every construct of the language. What it prints is the same under python
with a call that answers at once (test/support/stub), and in an actor that is suspended
in each call.

A case whose name is in PLAIN runs where CPython cannot suspend: it waits on a thread.
"""

import contextlib
import functools
import sys
import traceback

import rebeam
from rebeam import call

CASES: list = []
PLAIN = {
    "generator_expression", "generator_function", "generator_send", "yield_from",
    "context_manager_class", "with_contextmanager", "cached", "partial", "class_body", "metaclass",
    "property_getter", "descriptor", "dunder_getattr", "dunder_methods", "str_method",
    "iterator_class", "sort_key", "min_max", "mapped", "filtered", "reduced", "eval_and_exec",
}


def case(function):
    CASES.append(function)
    return function


def double(value):
    status, response = call("echo", "double", value)
    assert status == "ok"
    return response


def loud(value):
    """A side effect before the call."""
    print("before", value)
    return call("echo", "double", value)[1]


# ---- calls in expressions ------------------------------------------------------------


@case
def straight():
    print("one")
    first = call("echo", "double", 1)
    print("two", first[1])
    second = call("echo", "fail", first[1])
    print(str(second[0]), second[1])


@case
def order_of_evaluation():
    print([loud(1), loud(2)], (loud(3), *[loud(4)]), {loud(5): loud(6), **{"k": loud(7)}})


@case
def arguments():
    def take(*args, first=0, **rest):
        return args, first, rest

    print(take(double(1), *[double(2), 3], *range(double(1)), first=double(4), **{"x": double(5)}))


@case
def star_args_of_a_suspendable():
    def two(a, b=5, *, c):
        return call("echo", "double", a + b + c)[1]

    print(two(*[1, 2], **{"c": 3}), two(1, c=double(1)))


@case
def default_arguments():
    def late(value=double(21), *, other=call("echo", "double", "x")[1]):
        return value, other

    print(late(), late(1), late.__defaults__, late.__kwdefaults__)


@case
def conditional_expression():
    print([loud(1) if loud(n) > 2 else loud("no") for n in (1, 2)])


@case
def boolean_operators():
    print(double(0) or double("") or double([1]) or loud("not reached"))
    print(double(1) and double(0) and loud("not reached"))
    print(not double(0), -double(3), ~double(1))


@case
def chained_comparison():
    print(double(1) < loud(2) < double(3) <= loud(3), double(2) < loud(1) < loud("not reached"))


@case
def assertion():
    assert double(1) == 2, loud("not reached")
    try:
        assert double(1) == 3, loud("why")
    except AssertionError as error:
        print("assert", error)


@case
def walrus():
    if (n := double(4)) > 5 and (m := double(n)):
        print(n, m)
    print([y := double(1), y ** 2], [last := double(x) for x in range(3)], last)


@case
def formatted_string():
    print(f"{double(1)!r:>5}|{double('ab'):*^{double(5)}}|{double(2)=}")


@case
def subscripts_and_attributes():
    class Box:
        pass

    box = Box()
    box.value = double(1)
    table = {double(1): "two"}
    table[double(2)] = double("v")
    print(box.value, table[double(1)], [1, 2, 3, 4][double(0):double(1)], table)
    del table[double(1)]
    print(table)


@case
def augmented_assignment_with_subscripts():
    def index():
        print("index once")
        return call("echo", "double", 0)[1]

    def items():
        print("items once")
        return numbers

    numbers = [10, 20]
    items()[index()] += double(1)
    numbers[double(0)] *= double(2)
    total = 1
    total -= double(3)
    print(numbers, total)


@case
def unpacking():
    a, (b, *c), d = double(1), [double(2), *double([3, 4])], double("d")
    print(a, b, c, d)
    for i, (j, k) in enumerate(zip(double([1]), double("ab"))):
        print(i, j, k)


@case
def lambdas():
    twice = lambda value: call("echo", "double", value)[1]
    add = lambda a, b=double(10): twice(a) + b
    print(twice(3), add(1), (lambda: loud("inner"))())


# ---- comprehensions and generators ----------------------------------------------------


@case
def list_comprehension():
    print([double(x) for x in range(4) if double(x) != 4])
    print([(x, y) for x in double([1]) for y in [double(x), double(5)]])


@case
def set_and_dict_comprehension():
    print(sorted({double(x % 2) for x in range(4)}))
    print({double(x): [double(y) for y in range(x)] for x in range(3)})


@case
def generator_expression():
    print(list(double(x) for x in range(3)), sum(double(x) for x in range(3) if double(x)))
    print(any(loud(x) > 2 for x in (1, 2, 3)))


@case
def generator_function():
    def numbers(n):
        for x in range(n):
            yield call("echo", "double", x)[1]
        return "end"

    steps = numbers(2)
    print(next(steps), next(steps))
    try:
        next(steps)
    except StopIteration as stop:
        print("stop", stop.value)
    print(list(numbers(3)))


@case
def generator_send():
    def echo():
        got = yield "ready"
        while got is not None:
            got = yield double(got)

    steps = echo()
    print(next(steps), steps.send(1), steps.send("x"))
    steps.close()


@case
def yield_from():
    def inner():
        yield double(1)
        return double(2)

    def outer():
        got = yield from inner()
        yield got + 100

    print(list(outer()))


@case
def next_raises_stop_iteration():
    def first(iterator):
        double(1)
        return next(iterator)

    try:
        first(iter([]))
    except StopIteration:
        print("StopIteration")
    print(first(iter([7])))


# ---- statements ----------------------------------------------------------------------


@case
def loops():
    n = 0
    while double(n) < 8:
        n += 1
        if double(n) == 4:
            continue
        if double(n) == 6:
            break
    else:
        print("not reached")
    print(n)
    for x in double([1, 2]):
        if double(x) == 9:
            break
    else:
        print("else", double(x))


@case
def try_except_else_finally():
    def run(value):
        try:
            print("try", double(value))
            if value == 1:
                raise ValueError(double(value))
            if value == 2:
                return double("returned")
        except ValueError as error:
            print("except", error, double("e"))
            return double("handled")
        else:
            print("else", double("l"))
        finally:
            print("finally", double("f"))
        return double("after")

    print([run(value) for value in range(3)])


@case
def raise_and_chain():
    def fail():
        try:
            raise KeyError(double("k"))
        except KeyError as error:
            double(1)
            raise ValueError(double("v")) from error

    try:
        fail()
    except ValueError as error:
        print(repr(error), repr(error.__cause__), error.__context__ is error.__cause__)
        print(sys.exc_info()[0].__name__, double(1))
    print(sys.exc_info())


@case
def reraise_keeps_the_current_exception():
    try:
        try:
            raise ValueError("kept")
        except ValueError:
            with contextlib.suppress(KeyError):
                double(1)
                raise KeyError("swallowed")
            double(2)
            raise
    except ValueError as error:
        print(repr(error), repr(error.__context__))


@case
def exception_group():
    try:
        raise ExceptionGroup("group", [ValueError(double(1)), TypeError(double(2))])
    except* ValueError as group:
        print("values", group.exceptions, double("v"))
    except* TypeError as group:
        print("types", group.exceptions, double("t"))


@case
def bare_except_does_not_see_the_suspension():
    try:
        value = double(1)
    except:
        value = "swallowed"
    try:
        other = double(2)
    except BaseException:
        other = "swallowed"
    print(value, other)


@case
def with_statement():
    class Each:
        def __init__(self, name):
            self.name = name

        def __enter__(self):
            print("enter", self.name)
            return self.name * 2

        def __exit__(self, kind, error, trace):
            print("exit", self.name, kind and kind.__name__)
            return kind is ValueError

    with Each(double("a")) as first, Each("b") as second:
        print(first, second, double(1))
        raise ValueError(double(2))
    print("after")


@case
def context_manager_class():
    class Lease:
        def __enter__(self):
            return call("echo", "double", "lease")[1]

        def __exit__(self, *error):
            print("exit", call("echo", "double", "x")[1])

    with Lease() as lease:
        print(lease, double(3))


@case
def with_contextmanager():
    @contextlib.contextmanager
    def lease(name):
        print("enter", call("echo", "double", name)[1])
        try:
            yield double(name)
        finally:
            print("exit", double(name))

    with lease("x") as got:
        print(got, double(1))


@case
def match_statement():
    def kind(value):
        match double(value):
            case 2:
                return "two", double("in")
            case [a, *rest] if double(a) == 2:
                return "list", a, rest, double(a)
            case {"k": v, **rest}:
                return "dict", v, rest
            case str() as text:
                return "text", text
            case _:
                return "other", double(1)

    print(kind(1), kind([1]), kind("s"), kind(2.5))


@case
def global_and_nonlocal():
    global counter
    counter = 0
    n = 0

    def step():
        global counter
        nonlocal n
        counter += double(1)
        n += double(10)
        return n

    print(step(), step(), counter)


@case
def delete_and_rebind():
    value = double(1)
    del value
    try:
        print(value)
    except UnboundLocalError as error:
        print(type(error).__name__)
    value = double(2)
    print(value)


# ---- functions and classes -----------------------------------------------------------


@case
def nested_functions_and_closures():
    def outer(a):
        b = call("echo", "double", a)[1]

        def inner(c):
            def innermost():
                return a, b, c, call("echo", "double", c)[1]

            return innermost()

        return inner

    inner = outer(1)
    print(inner(2), inner(3))


@case
def decorators():
    def logged(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            print("call", function.__name__, args, kwargs)
            return "wrapped", function(*args, **kwargs)

        return wrapper

    def times(n):
        def decorate(function):
            def repeat(*args):
                return [function(*args) for _ in range(n)]

            return repeat

        return decorate

    @logged
    def add(a, b=0):
        return call("echo", "double", a + b)[1]

    @times(double(1))
    @logged
    def one(value):
        return double(value)

    print(add(1, b=2), add.__name__, one(5))


@case
def cached():
    @functools.lru_cache
    def slow(value):
        print("computed", value)
        return call("echo", "double", value)[1]

    print(slow(1), slow(1), slow.cache_info().hits)


@case
def partial():
    print(functools.partial(double)(2), functools.partial(loud, 3)())


@case
def methods():
    class Base:
        factor = 4

        def __init__(self, value):
            self.value = value

        def get(self):
            return call("echo", "double", self.value)[1] * self.factor

        @classmethod
        def make(cls, value):
            return cls(call("echo", "double", value)[1])

        @staticmethod
        def add(a, b):
            return call("echo", "double", a)[1] + b

        def __private(self):
            return call("echo", "double", "private")[1]

        def show(self):
            return self.__private()

    class Derived(Base):
        def get(self):
            return ["derived", super().get(), double(1)]

        @classmethod
        def make(cls, value):
            return super().make(value + 1)

    made = Derived.make(3)
    print(made.value, made.get(), Base(1).get(), Derived.add(1, 2), made.show())
    bound = made.get
    print(bound(), Base.get(made), bound.__name__, Derived.get.__qualname__)


@case
def class_body():
    class Body:
        one = double(1)
        table = {n: call("echo", "double", n)[1] for n in range(2)}

        def method(self):
            return self.one, __class__.__name__

    print(Body.one, Body.table, Body().method())


@case
def metaclass():
    class Meta(type):
        def __new__(meta, name, bases, namespace):
            namespace["made"] = call("echo", "double", name)[1]
            return super().__new__(meta, name, bases, namespace)

    class Made(metaclass=Meta):
        pass

    print(Made.made)


@case
def property_getter():
    class Thing:
        @property
        def value(self):
            return call("echo", "double", 21)[1]

        @value.setter
        def value(self, new):
            self.seen = call("echo", "double", new)[1]

    thing = Thing()
    thing.value = 4
    print(thing.value, thing.seen)


@case
def descriptor():
    class Double:
        def __get__(self, instance, owner):
            return call("echo", "double", instance.n)[1]

    class Thing:
        n = 8
        value = Double()

    print(Thing().value)


@case
def dunder_getattr():
    class Remote:
        def __getattr__(self, name):
            return call("echo", "double", name)[1]

    print(Remote().ab, Remote().c)


@case
def dunder_methods():
    class Number:
        def __init__(self, n):
            self.n = n

        def __add__(self, other):
            return Number(call("echo", "double", self.n)[1] + other.n)

        def __eq__(self, other):
            return double(self.n) == double(other.n)

        def __bool__(self):
            return double(self.n) > 2

        def __getitem__(self, index):
            return double(index)

        def __call__(self, value):
            return double(value)

        def __contains__(self, value):
            return double(value) == 2

        def __hash__(self):
            return double(self.n)

    one, two = Number(1), Number(2)
    print((one + two).n, one == two, one == Number(1), bool(one), bool(two))
    print(one[4], two("x"), 1 in one, hash(two), len({one, Number(1)}))


@case
def str_method():
    class Shown:
        def __repr__(self):
            return call("echo", "double", "r")[1]

    print(Shown(), f"{Shown()!r}", [Shown()])


@case
def iterator_class():
    class Count:
        def __init__(self):
            self.n = 0

        def __iter__(self):
            return self

        def __next__(self):
            self.n += 1
            if self.n > 3:
                raise StopIteration
            return call("echo", "double", self.n)[1]

    print(list(Count()), [double(x) for x in Count()])


@case
def sort_key():
    print(sorted([3, 1, 2], key=lambda n: -call("echo", "double", n)[1]), sorted([3, 1], key=double))


@case
def min_max():
    print(min([3, 1, 2], key=double), max("b", "c", key=double))


@case
def mapped():
    print(list(map(double, [1, 2])), list(map(lambda a, b: call("echo", "double", a)[1] + b, [1], [2])))


@case
def filtered():
    print(list(filter(lambda n: call("echo", "double", n)[1] > 2, [1, 2, 3])))


@case
def reduced():
    print(functools.reduce(lambda a, b: double(a) + b, [1, 2, 3]))


@case
def eval_and_exec():
    print(eval("double(3)"), eval("[call('echo', 'double', n)[1] for n in (1, 2)]"))
    scope = {"double": double}
    exec("def f(n):\n    return double(n) + 1\nresult = f(4)", scope)
    print(scope["result"])


@case
def async_def():
    async def inner(n):
        return n + 1

    async def outer():
        return [await inner(n) for n in range(3)], await inner(10)

    steps = outer()
    try:
        steps.send(None)
    except StopIteration as stop:
        print(stop.value, double(1))


@case
def deep_recursion():
    def down(n):
        if n == 0:
            return call("echo", "double", "bottom")[1]
        return down(n - 1) + "."

    print(len(down(150)), down(2))


@case
def mutual_recursion():
    def even(n):
        return True if double(n) == 0 else odd(n - 1)

    def odd(n):
        return False if double(n) == 0 else even(n - 1)

    print(even(10), odd(10))


@case
def locals_and_frames():
    def show(a):
        b = double(a)
        return sorted(locals().items()), sys._getframe().f_code.co_name, sys._getframe().f_lineno > 0

    print(show(1))


@case
def names_and_docs():
    def named(a: int, *, b: str = "x") -> int:
        """Its text."""
        return call("echo", "double", a)[1]

    print(named.__name__, named.__qualname__, named.__doc__, named.__annotations__)
    print(named.__kwdefaults__, named.__code__.co_varnames, named(2))


@case
def tracebacks():
    def inner(value):
        doubled = double(value)
        return doubled / 0

    def outer():
        return [inner(1)]

    try:
        outer()
    except ZeroDivisionError as error:
        for frame in traceback.extract_tb(error.__traceback__):
            print(frame.name, frame.lineno, frame.line)
    try:
        double()
    except TypeError as error:
        print(error)
    try:
        double(1, bad=2)
    except TypeError as error:
        print(error)


@case
def many_calls():
    total = 0
    for n in range(500):
        total += call("echo", "double", n)[1]
    print(total)


# ---- how it is run -------------------------------------------------------------------


def run(function):
    print("==", function.__name__)
    try:
        function()
    except BaseException as error:
        print("raised", type(error).__name__, error)
        traceback.print_exc()


if __name__ != "__main__":
    pass
elif not hasattr(rebeam, "Supervisor"):
    for each in CASES:
        run(each)
else:
    from actors import tree

    tree(CASES, run, PLAIN)
