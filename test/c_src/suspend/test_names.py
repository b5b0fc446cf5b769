"""Which names are found to suspend."""

from __future__ import annotations

import ast

import twins
from twins import _rebeam


def names_of(*sources: str) -> tuple[set[str], bool]:
    """The suspendable names of modules, without those of the primitives; and the wide flag."""
    names, unknown = _rebeam.suspend_names([_rebeam.suspend_scan(ast.parse(s)) for s in sources])
    return set(names) - {"call", "cast", "sleep", "send", "_op", "_suspend"}, unknown


class Names(twins.unittest.TestCase):
    def check(self, source: str, *names: str, unknown: bool = False) -> None:
        self.assertEqual(names_of(source), (set(names), unknown))

    def test_callers_of_callers(self) -> None:
        self.check(
            "def a(): return b()\ndef b(): return c.d()\ndef d(): call()\ndef e(): return print()",
            "a",
            "b",
            "d",
        )

    def test_across_modules(self) -> None:
        self.assertEqual(
            names_of("from m import ask\ndef top(): ask()", "def ask(): x.call(1)"),
            ({"ask", "top"}, False),
        )

    def test_import_as(self) -> None:
        self.check("from rebeam import call as c\ndef f(): c()", "c", "f")

    def test_aliases(self) -> None:
        self.check("def f(): call()\ng = f\nh = o.i = g\ndef k(): o.i()", "f", "g", "h", "i", "k")

    def test_methods(self) -> None:
        self.check(
            "class C:\n def m(self): self.n()\n @staticmethod\n def n(): call()\n def o(self): 1",
            "m",
            "n",
        )

    def test_handlers_do_not_escape(self) -> None:
        self.check(
            "class C:\n @receive('x')\n def m(self): call()\n @start()\n def n(self): call()",
            "m",
            "n",
        )

    def test_methods_of_literals(self) -> None:
        self.check(
            "def join(): call()\ndef f(): ', '.join('a')\ndef g(): x.join()",
            "join",
            "g",
        )

    def test_decorated(self) -> None:
        self.check(
            "def deco(f):\n def w(*a): return f(*a)\n return w\n@deco\ndef ask(): call()\n",
            "ask",
            "w",
            unknown=True,
        )

    def test_passed_on(self) -> None:
        self.check(
            "def ask(): call()\nrun(ask)\ndef run(f): f()\ndef h(t): t['x']()",
            "ask",
            "run",
            "h",
            unknown=True,
        )

    def test_attribute_of_a_function_is_no_escape(self) -> None:
        self.check("def ask(): call()\nprint(ask.__name__)\ndef run(f): f()", "ask")

    def test_lambda(self) -> None:
        self.check("f = lambda: call()\ndef g(): f()", "f", "g")
        self.check("run(lambda: call())\ndef run(f): f()", "run", unknown=True)

    def test_what_cannot_suspend(self) -> None:
        self.check("def g(): yield call()\nasync def a(): call()\ndef f(): g(); a()")
        self.check("class C:\n x = call()\ncall()")

    def test_global_is_no_variable(self) -> None:
        self.check(
            "def ask(): call()\nx = [ask]\ndef f():\n global g\n g = 1\n g()", "ask", unknown=True
        )

    def test_classes(self) -> None:
        self.check(
            "class A:\n def __init__(self): call()\nclass B(m.A): pass\ndef f(): B()",
            "__init__",
            "A",
            "B",
            "f",
        )
        self.check(
            "class A:\n def __call__(self): call()\ndef run(f): f()",
            "__call__",
            "run",
            unknown=True,
        )

    def test_imports(self) -> None:
        tree = ast.parse("import a.b as c, d\nfrom . import e\nfrom ..f import g as h")
        self.assertEqual(
            _rebeam.suspend_scan(tree)[3],
            [("a.b", 0, []), ("d", 0, []), ("", 1, ["e"]), ("f", 2, ["g"])],
        )

    def test_deep_nesting(self) -> None:
        tree = ast.parse("x = " + "[" * 80 + "]" * 80)
        node = tree.body[0].value
        for _ in range(10000):
            node = ast.List([node], ast.Load())
        tree.body[0].value = node
        with self.assertRaises(RecursionError):
            _rebeam.suspend_scan(tree)
        while node is not None:  # take it apart: freeing it in one go would nest as deeply
            node = node.elts.pop() if node.elts else None


if __name__ == "__main__":
    twins.unittest.main()
