"""What becomes of each kind of thing that a module defines when it is loaded again."""

import copy
import gc
import pickle
import weakref

from edited import become, change, module, refused, taken
from waiting import wait_until

from rebeam import GenPy, ask, receive, run_register_process


class Echo(GenPy):
    @receive("echo")
    def echo(self, message):
        return message


def unpack_of_pack(value):
    """What arrives of a value that is sent."""
    return ask("echo", "echo", value)


def methods():
    m = module("""
        class A:
            limit = 1
            def f(self): return "old"
            def gone(self): return 1
        """)
    a, bound, f = m.A(), m.A().f, m.A.f
    taken(
        change(
            m,
            ('"old"', '"new"'),
            ("def gone(self): return 1", "def more(self): return 2"),
            ("limit = 1", "limit = 2"),
        ),
        "A.f",
        "A.gone",
        "A.limit",
        "A.more",
    )
    assert (a.f(), bound(), f(a), a.more(), a.limit) == ("new", "new", "new", 2, 2)
    assert type(a) is m.A and m.A.f is f and not hasattr(a, "gone")


def functions():
    m = module("""
        def f(x, cache={}):
            cache[x] = True
            return "old", len(cache)
        def g(): return f(7)
        def lost(): pass
        """)
    f, table = m.f, {"f": m.f}
    m.f(1)
    taken(
        change(m, ('"old"', '"new"'), ("def lost(): pass", "def found(): return f")),
        "f",
        "found",
        "lost",
    )
    assert (f(2), table["f"](3), m.g()) == (("new", 2), ("new", 3), ("new", 4))
    assert m.f is f and m.found() is f and not hasattr(m, "lost")
    taken(change(m, ("cache={}", "cache={0: 0}, *, key=5"), ('return "new"', "return key")), "f")
    assert f(1) == (5, 2) and f.__kwdefaults__ == {"key": 5}
    taken(change(m, ("return key, len(cache)", "yield 3")), "f")
    assert list(f(1)) == [3]


def names_of_functions():
    m = module("""
        def f(a: int) -> str:
            "Old."
            return a
        """)
    f = m.f
    taken(change(m, ("a: int", "a: float"), ("Old.", "New."), ("-> str", "-> bytes")), "f")
    assert f.__doc__ == "New." and f.__annotations__ == {"a": float, "return": bytes}
    assert f.__globals__ is vars(m)


def closures():
    m = module("""
        def counter():
            n = 0
            def count():
                nonlocal n
                n += 1
                return n
            return count
        one = counter()
        held = []
        def outer(x):
            def inner(): return x
            return inner
        """)
    held = m.outer(5)
    m.one(), m.one()
    taken(change(m, ("n += 1", "n += 10"), ("return x", "return x, x")), "counter", "outer")
    assert m.one() == 12 and m.counter()() == 10
    assert held() == (5, 5)
    taken(change(m, ("def inner(): return x, x", "y = 1\n    def inner(): return x, y")), "outer")
    assert held() == (5, 5) and m.outer(6)() == (6, 1)  # it has no y


def decorators():
    m = module("""
        import functools
        calls = []
        def times(n):
            def decorate(f):
                calls.append(f.__name__)
                @functools.wraps(f)
                def wrapper(*args): return [f(*args)] * n
                return wrapper
            return decorate
        @times(2)
        def f(x): return "old"
        class A:
            @times(2)
            def g(self): return "old"
        """)
    f, inner, a = m.f, m.f.__wrapped__, m.A()
    taken(change(m, ('"old"', '"new"')), "A.g", "f")
    assert f(1) == ["new"] * 2 and inner(1) == "new" and a.g() == ["new"] * 2
    assert m.calls == ["f", "g", "g"], m.calls  # that of f read the same: it does not run again
    taken(change(m, ("@times(2)", "@times(3)")), "A.g", "f")
    assert m.f is f and f(1) == ["new"] * 3 and f.__wrapped__ is inner and a.g() == ["new"] * 3
    taken(change(m, ("[f(*args)] * n", "(f(*args), n)")), "times")
    assert f(1) == ("new", 3) and a.g() == ("new", 3)


def properties():
    m = module("""
        class A:
            def __init__(self): self._x = 1
            @property
            def x(self): return self._x
            @x.setter
            def x(self, value): self._x = value
            @classmethod
            def make(cls): return cls, "old"
            @staticmethod
            def twice(x): return 2 * x
        """)
    a, make, getter = m.A(), m.A.make, m.A.x.fget
    taken(
        change(
            m,
            ("return self._x", "return -self._x"),
            ("= value", "= 10 * value"),
            ('"old"', '"new"'),
            ("2 * x", "3 * x"),
        ),
        "A.make",
        "A.twice",
        "A.x",
    )
    a.x = 2
    assert (a.x, getter(a), make(), m.A.twice(2)) == (-20, -20, (m.A, "new"), 6)
    taken(change(m, ("@staticmethod\n    def twice(x)", "def twice(self, x)")), "A.twice")
    assert a.twice(2) == 6


def partials():
    m = module("""
        import functools
        class A:
            def f(self, a, b): return a, b
            g = functools.partialmethod(f, 1)
            @functools.cached_property
            def once(self): return "old"
            @functools.singledispatchmethod
            def kind(self, x): return "any"
            @kind.register
            def _(self, x: int): return "int"
        """)
    a, b = m.A(), m.A()
    assert a.once == "old" and a.kind(1) == "int"
    taken(
        change(
            m,
            ("return a, b", "return b, a"),
            ('"old"', '"new"'),
            ('"int"', '"whole"'),
            ('"any"', '"all"'),
        ),
        "A._",
        "A.f",
        "A.kind",
        "A.once",
    )
    assert a.g(2) == (2, 1) and (a.once, b.once) == ("old", "new")
    assert a.kind(1) == "whole" and a.kind("") == "all"


def supers():
    m = module("""
        class Base:
            def f(self): return ["base"]
        class A(Base):
            def f(self): return ["a"]
        class B(A):
            def f(self): return ["b", *super().f()]
        """)
    b = m.B()
    assert b.f() == ["b", "a"]
    taken(change(m, ('return ["a"]', 'return ["new", *super().f()]'), ('"b"', '"c"')), "A.f", "B.f")
    assert b.f() == ["c", "new", "base"] and isinstance(b, m.Base)
    taken(change(m, ('return ["new", *super().f()]', "return [__class__]")), "A.f")
    assert b.f() == ["c", m.A]


def dataclasses():
    m = module("""
        from dataclasses import dataclass, field
        @dataclass
        class P:
            x: int
            tags: list = field(default_factory=list)
        @dataclass(order=True)
        class Q(P):
            z: int = 0
        """)
    p, init = m.P(1), m.P.__init__
    taken(change(m, ("x: int", "x: int\n    y: int = 7")), "P.y")
    assert m.P(1, 2) == m.P(1, 2) and m.P(1).y == 7 and m.P is type(p) and m.P.__init__ is init
    assert repr(m.P(1)) == "P(x=1, y=7, tags=[])" and p.y == 7 and p == m.P(1)
    assert repr(m.Q(1)) == "Q(x=1, y=7, tags=[], z=0)" and issubclass(m.Q, m.P)
    assert pickle.loads(pickle.dumps(p)) == p and copy.copy(p) == p
    assert isinstance(unpack_of_pack(p), m.P)
    taken(
        change(
            m,
            ("@dataclass\n", "@dataclass(frozen=True)\n"),
            ("@dataclass(order=True)", "@dataclass(frozen=True)"),
        ),
        "P",
        "Q",
    )
    try:
        m.P(1).x = 2
    except AttributeError as error:
        assert "cannot assign" in str(error)
    else:
        raise AssertionError("it is not frozen")


def enums():
    m = module("""
        import enum
        class Color(enum.Enum):
            RED = 1
            BLUE = 2
            def text(self): return "old"
        class Level(enum.IntEnum):
            LOW = 1
        class Flag(enum.Flag):
            A = enum.auto()
        DEFAULT = Color.RED
        """)
    red, by, low = m.Color.RED, {m.Color.RED: 1}, m.Level.LOW
    taken(
        change(m, ("BLUE = 2", "BLUE = 5\n    GREEN = 3\n    ROT = 1"), ('"old"', '"new"')),
        "Color.BLUE",
        "Color.GREEN",
        "Color.ROT",
        "Color.text",
    )
    assert m.Color.RED is red is m.Color(1) is m.Color.ROT and by[m.Color.RED] == 1
    assert red.text() == "new" and m.DEFAULT is red and m.Color["GREEN"] is m.Color.GREEN
    assert [each.name for each in m.Color] == ["RED", "BLUE", "GREEN"] and m.Color.BLUE.value == 5
    assert m.Color(5) is m.Color.BLUE and type(m.Color.GREEN) is m.Color
    assert pickle.loads(pickle.dumps(m.Color.GREEN)) is m.Color.GREEN
    assert unpack_of_pack([red, m.Color.GREEN]) == [red, m.Color.GREEN]
    assert isinstance(m.Color.GREEN, m.Color) and repr(m.Color.GREEN) == "<Color.GREEN: 3>"
    taken(
        change(
            m,
            ("    GREEN = 3\n", ""),
            ("LOW = 1", "LOW = 1\n    HIGH = 2"),
            ("A = enum.auto()", "A = enum.auto()\n    B = enum.auto()"),
            ("DEFAULT = Color.RED", "DEFAULT = [Color.BLUE, {Color.RED: Level.HIGH}]"),
        ),
        "Color.GREEN",
        "DEFAULT",
        "Flag.B",
        "Level.HIGH",
    )
    assert not hasattr(m.Color, "GREEN") and m.Level.LOW is low and m.Level(2) is m.Level.HIGH
    assert m.Flag.A | m.Flag.B == m.Flag(3) and m.DEFAULT[0] is m.Color.BLUE
    assert m.DEFAULT[1][red] is m.Level.HIGH and type(m.Level.HIGH) is m.Level
    refused(change(m, ("LOW = 1", "LOW = 9")), "Level.LOW", "cannot become 9")
    assert m.Level.LOW.value == 1


def nested_classes():
    m = module("""
        class Outer:
            class Inner:
                def f(self): return "old"
            made = Inner()
        """)
    inner, made = m.Outer.Inner, m.Outer.made
    taken(change(m, ('"old"', '"new"')), "Outer.Inner.f")
    assert m.Outer.Inner is inner and m.Outer.made is made and made.f() == "new"
    taken(change(m, ("made = Inner()", "made = [Inner()]")), "Outer.made")
    assert type(m.Outer.made[0]) is inner


def subclasses_elsewhere():
    m = module("""
        class Base:
            def f(self): return "old"
        """)
    other = module(f"""
        import {m.__name__} as base
        from {m.__name__} import Base
        class Sub(Base):
            def f(self): return "sub", super().f()
        """)
    sub = other.Sub()
    taken(change(m, ('"old"', '"new"')), "Base.f")
    assert sub.f() == ("sub", "new") and other.Base is m.Base and isinstance(sub, m.Base)


def generators():
    m = module("""
        def numbers():
            yield "old", helper()
            yield "old", helper()
        def helper(): return 1
        async def one(): return "old"
        """)
    running, waiting = m.numbers(), m.one()
    assert next(running) == ("old", 1)
    taken(change(m, ('"old"', '"new"'), ("return 1", "return 2")), "helper", "numbers", "one")
    assert next(running) == ("old", 2)  # as old code; what it calls is new
    assert list(m.numbers()) == [("new", 2)] * 2
    try:
        waiting.send(None)
    except StopIteration as error:
        assert error.value == "old"


def slots_and_bases():
    m = module("""
        class A:
            __slots__ = ("x",)
            def f(self): return 1
        class B: pass
        class C(B): pass
        class D(B, metaclass=type): pass
        """)
    before = dict(vars(m))
    refused(change(m, ('("x",)', '("x", "y")'), ("return 1", "return 2")), "A", "__slots__")
    assert m.A().f() == 1 and dict(vars(m)) == before
    become(m, "class A: pass")
    refused(
        become(
            m,
            "class A:\n    __slots__ = ('x',)\n    def f(self): return 3\nclass B: pass\n"
            "class C(A): pass\nclass D(B, metaclass=type): pass\n",
        ),
        "C",
        "bases",
        "B to A",
    )
    taken(
        become(
            m,
            "class A:\n    __slots__ = ('x',)\n    def f(self): return 3\n"
            "class B: pass\nclass C(B): pass\nclass D(B): pass\n",
        ),
        "A.f",
        "D",
    )
    assert m.A().f() == 3
    refused(become(m, "import abc\nclass A(abc.ABC): pass\n"), "A", "metaclass")


def state():
    m = module("""
        import threading
        CACHE = {}
        LOCK = threading.Lock()
        LIMIT = 3
        TABLE = [LIMIT] * 2
        n = 0
        def count():
            global n
            n += 1
            return n
        PATHS = {}
        PATHS["a"] = count
        """)
    cache, lock, paths = m.CACHE, m.LOCK, m.PATHS
    m.CACHE["a"] = m.count()
    m.extra = 5
    taken(change(m, ("LIMIT = 3", "LIMIT = 4"), ("n += 1", "n += 2")), "LIMIT", "count")
    assert m.CACHE is cache == {"a": 1} and m.LOCK is lock and m.TABLE == [4, 4]
    assert m.count() == 3 and m.PATHS is paths and paths["a"]() == 5 and m.extra == 5
    taken(change(m, ('PATHS["a"]', 'PATHS["b"]')), "PATHS")
    assert list(m.PATHS) == ["b"] and list(paths) == ["a"]  # made anew, the old one is as it was
    assert m.PATHS["b"] is m.count or m.PATHS["b"]() == 7


def failures():
    m = module("""
        def f(): return 1
        x = 1
        """)
    before = dict(vars(m))
    refused(change(m, ("return 1", "return (")), "SyntaxError", "line 2")
    refused(become(m, "def f(): return 2\nx = 1\ny = undefined\n"), "NameError", "line 3")
    refused(become(m, "def f(): return 2\nraise SystemExit(3)\n"), "SystemExit: 3")
    assert dict(vars(m)) == before and m.f() == 1
    taken(become(m, "def f(): return 2\nx = 1\n"), "f")
    assert m.f() == 2


def registries():
    m = module("""
        class Plugin:
            known = []
            def __init_subclass__(cls): Plugin.known.append(cls)
            def f(self): return "old"
        """)
    other = module(f"""
        from {m.__name__} import Plugin
        class One(Plugin):
            def g(self): return "old"
        """)
    one = other.One
    taken(change(other, ('"old"', '"new"')), "One.g")
    assert set(m.Plugin.known) == {one} and one().g() == "new"
    assert [each for each in m.Plugin.__subclasses__()] == [one], m.Plugin.__subclasses__()


def other_kinds():
    m = module("""
        import abc, contextlib, typing
        T = typing.TypeVar("T")
        class Box(typing.Generic[T]):
            def get(self): return 0
        class Point(typing.NamedTuple):
            x: int
            def total(self): return self.x + 0
        class Abstract(abc.ABC):
            @abc.abstractmethod
            def f(self): ...
        class Meta(type):
            def hello(cls): return 0
        class Made(metaclass=Meta):
            pass
        class Failure(Exception):
            code = 0
        @contextlib.contextmanager
        def manager(): yield 0
        def counted():
            counted.calls = getattr(counted, "calls", 0) + 1
            return 0
        """)
    before = {name: value for name, value in vars(m).items() if name[:2] != "__"}
    m.counted()
    point, failure = m.Point(1), m.Failure()
    result = change(
        m,
        ("return 0", "return 1"),
        ("+ 0", "+ 1"),
        ("yield 0", "yield 1"),
        ("code = 0", "code = 1"),
        ("def f(self): ...", "def f(self): ...\n    def g(self): return 1"),
    )
    assert result.refused == (), result
    assert {name: getattr(m, name) for name in before} == before
    with m.manager() as one:
        assert (m.Box[int]().get(), point.total(), m.Made.hello(), failure.code, one) == (
            1,
            2,
            1,
            1,
            1,
        )
    assert m.counted() == 1 and m.counted.calls == 2
    assert m.Abstract.__abstractmethods__ == {"f"}
    taken(
        change(m, ("    @abc.abstractmethod\n    def f(self): ...", "    def f(self): return 5")),
        "Abstract.f",
    )
    assert m.Abstract().f() == 5 and m.Abstract().g() == 1


def code_that_runs_where_it_was_loaded():
    m = module("""
        import threading
        stop = threading.Event()
        started = []
        """)
    become(
        m,
        """
        import threading
        stop = threading.Event()
        started = []
        def numbers():
            while True: yield len(started), stop
        running = numbers()
        next(running)
        """,
    )
    gc.collect()
    m.started.append(1)
    assert next(m.running) == (1, m.stop)
    taken(change(m, ("yield len", "yield 7, len")), "numbers")
    assert next(m.running) == (1, m.stop) and next(m.numbers()) == (7, 1, m.stop)


def nothing_is_left():
    m = module("""
        class A:
            def f(self): return 0
        """)
    seen = []
    for n in range(5):
        taken(change(m, (f"return {n}", f"return {n + 1}")), "A.f")
        seen.append(weakref.ref(m.A.f.__code__))
    wait_until(
        lambda: gc.collect() >= 0 and [each() is None for each in seen] == [True] * 4 + [False]
    )
    wait_until(lambda: gc.collect() >= 0 and len(classes(m, "A")) == 1)


def classes(m, name):
    return [
        each
        for each in object.__subclasses__()
        if (each.__module__, each.__qualname__) == (m.__name__, name)
    ]


CASES = [
    methods,
    functions,
    names_of_functions,
    closures,
    decorators,
    properties,
    partials,
    supers,
    dataclasses,
    enums,
    nested_classes,
    subclasses_elsewhere,
    generators,
    slots_and_bases,
    state,
    failures,
    registries,
    other_kinds,
    code_that_runs_where_it_was_loaded,
    nothing_is_left,
]

run_register_process(Echo(), name="echo")
for case in CASES:
    case()
    print(case.__name__)
