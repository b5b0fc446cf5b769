"""What differs between two texts of a module, statement by statement, and so which statements of
the new one are to run.

A statement is the same if it reads the same, wherever it stands. One that gives names a value runs
again if it differs, or uses the value of a name that runs again. So a cache, a connection or a
count stays as it is until its own line is changed.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

__all__ = ["Plan", "plan"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
# What the body of a script does, and a unit that runs it for its definitions does not.
_ACTING = (ast.Expr, ast.With, ast.AsyncWith, ast.For, ast.AsyncFor, ast.While, ast.Delete)

_Names = frozenset[str]
_Body = Sequence[ast.stmt]


class Plan(NamedTuple):
    """What becomes of the old module.

    run: the statements of the new text that run, in their order. taken: names whose new values the
    module takes. gone: names that only the old text gave a meaning to. changed: what differs, by
    qualified name. heads: qualified names of the functions whose parameters and decorators are as
    before. kept: of each class the attributes whose values stay; bound: those that the old text
    gave it.
    """

    run: list[ast.stmt]
    taken: _Names
    gone: _Names
    changed: tuple[str, ...]
    heads: _Names
    kept: dict[str, _Names]
    bound: dict[str, _Names]


def plan(old: _Body, new: _Body, script: bool) -> Plan:
    """`script`: it is a program's own, whose body is not to do once more what it does."""
    simple = _Simple(old, new, ())
    texts = _texts(old)
    differing = {name for name, text in _texts(new).items() if texts.get(name) != text}
    news = differing | simple.names
    heads = frozenset(_same_heads(old, new, news))
    run: list[ast.stmt] = []
    taken: set[str] = set()
    for node in new:
        runs, takes = _choose(node, simple, news, heads)
        if runs and not (script and isinstance(node, _ACTING)):
            run.append(node)
            taken |= _bound([node]) if takes else set()
        news |= _bound([node]) if runs and isinstance(node, ast.ClassDef) else set()
    if _is_docstring(new) and new[0] not in run:
        run.insert(0, new[0])
    kept, bound = {}, {}
    before = dict(_nested(old, (ast.ClassDef,)))
    for name, node in _nested(new, (ast.ClassDef,)):
        body = before[name].body if name in before else []
        inner = _Simple(body, node.body, simple.names)
        kept[name] = inner.all - inner.names
        bound[name] = frozenset(_bound(body))
    gone = frozenset(_bound(old) - _bound(new))
    changed = tuple(sorted(set(_reported(old, new))))
    return Plan(run, frozenset(taken), gone, changed, heads, kept, bound)


def _choose(node: ast.stmt, simple: _Simple, news: set[str], heads: _Names) -> tuple[bool, bool]:
    """Whether the statement runs, and whether what it gives takes the place of what there is."""
    if isinstance(node, _IMPORTS):
        return True, True
    if not isinstance(node, _DEFINITIONS):
        return simple.runs(node), True
    if node.name in simple.all:  # it means what a statement makes of it
        runs = node.name in simple.names
        return runs, runs
    if isinstance(node, ast.ClassDef):
        runs = node.name in news or bool(_loaded([node]) & news)
        return runs, runs
    if node.decorator_list:  # which may register it: once is enough
        runs = node.name not in heads
        return runs, runs
    # It does nothing else; and what runs may call it, with the new values around it.
    return True, node.name in news


# ---- statements that are no definitions -------------------------------------------------


class _Simple:
    """Those of a body, and the names that they give.

    all: the names. own: those of statements that differ, or are gone. names: those that run again.
    """

    def __init__(self, old: _Body, new: _Body, values: Collection[str]) -> None:
        """`values`: names outside that have new values."""
        left = Counter(map(ast.dump, _simple(old)))
        nodes = list(_simple(new))
        differing = [node for node in nodes if not _take(left, ast.dump(node))]
        defined = _bound(each for each in new if isinstance(each, _DEFINITIONS))
        texts, before = _texts(new), _texts(old)
        redefined = {name for name in defined if texts[name] != before.get(name)}
        lost = [node for node in _simple(old) if _take(left, ast.dump(node))]
        self.all = frozenset(_bound(nodes))
        self.own = _bound(differing) | _bound(lost)
        self._running = set(map(id, differing))
        names = self.own | (self.all & redefined)
        while any(self._joins(node, names, values) for node in nodes):
            pass
        self.names = frozenset(names)

    def _joins(self, node: ast.stmt, names: set[str], values: Collection[str]) -> bool:
        """Whether that one is to run, too, as was not known yet."""
        bound, loaded = _bound([node]), _loaded([node])
        runs = self.runs(node) or bool((bound | loaded) & names or loaded.intersection(values))
        if not runs or (self.runs(node) and bound <= names):
            return False
        self._running.add(id(node))
        names |= bound
        return True

    def runs(self, node: ast.stmt) -> bool:
        return id(node) in self._running


def _take(left: Counter[str], text: str) -> bool:
    found = left[text] > 0
    left[text] -= int(found)
    return found


def _simple(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    return (each for each in body if not isinstance(each, (*_DEFINITIONS, *_IMPORTS)))


# ---- definitions --------------------------------------------------------------------------


def _definitions(body: Iterable[ast.stmt], kinds: Any = _DEFINITIONS) -> Iterator[Any]:
    """Those of a body, also in its blocks."""
    for node in body:
        if isinstance(node, kinds):
            yield node
        elif not isinstance(node, _DEFINITIONS):
            yield from _definitions(_blocks(node), kinds)


def _blocks(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, (ast.ExceptHandler, ast.match_case)):
            yield from child.body


def _nested(body: Iterable[ast.stmt], kinds: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """With their qualified names, also in classes."""
    for node in _definitions(body):
        if isinstance(node, kinds):
            yield prefix + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from _nested(node.body, kinds, f"{prefix}{node.name}.")


def _texts(body: Iterable[ast.stmt], prefix: str = "") -> dict[str, list[str]]:
    """What reads how; several may have one name."""
    texts: dict[str, list[str]] = {}
    for node in _definitions(body):
        texts.setdefault(prefix + node.name, []).append(ast.dump(node))
    return texts


def _same_heads(old: _Body, new: _Body, news: set[str]) -> Iterator[str]:
    heads: dict[str, list[str]] = {}
    for name, node in _nested(old, _FUNCTIONS):
        heads.setdefault(name, []).append(_head(node))
    mine: dict[str, list[Any]] = {}
    for name, node in _nested(new, _FUNCTIONS):
        mine.setdefault(name, []).append(node)
    for name, nodes in mine.items():
        same = heads.get(name) == list(map(_head, nodes))
        if same and not any(_loaded(_head_parts(node)) & news for node in nodes):
            yield name


def _head(node: Any) -> str:
    return repr([type(node), *map(ast.dump, _head_parts(node))])


def _head_parts(node: Any) -> list[ast.AST]:
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    return [node.args, *node.decorator_list, *([] if node.returns is None else [node.returns])]


def _reported(old: _Body, new: _Body, prefix: str = "") -> Iterator[str]:
    """What differs, for people: of a class what in it does."""
    before, now = _texts(old), _texts(new)
    classes = [dict(_pick(body)) for body in (old, new)]
    for name in before.keys() | now.keys():
        pair = [each.get(name) for each in classes]
        if before.get(name) == now.get(name):
            continue
        if None in pair or _head(pair[0]) != _head(pair[1]):
            yield prefix + name
        if None not in pair:
            yield from _reported(pair[0].body, pair[1].body, f"{prefix}{name}.")  # type: ignore[union-attr]
    yield from (prefix + name for name in _Simple(old, new, ()).own)


def _pick(body: _Body) -> Iterator[tuple[str, ast.ClassDef]]:
    return ((node.name, node) for node in _definitions(body, (ast.ClassDef,)))


# ---- names --------------------------------------------------------------------------------


def _scope(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All that runs at once: not what is in functions."""
    for node in nodes:
        yield node
        if isinstance(node, (*_FUNCTIONS, ast.Lambda)):
            yield from _scope(_defaults(node))
        else:
            yield from _scope(ast.iter_child_nodes(node))


def _defaults(node: Any) -> Iterator[ast.AST]:
    yield from getattr(node, "decorator_list", [])
    yield from (each for each in (*node.args.defaults, *node.args.kw_defaults) if each is not None)


def _loaded(nodes: Iterable[ast.AST]) -> set[str]:
    """The names whose values are used."""
    names = (each for each in _scope(nodes) if isinstance(each, ast.Name))
    return {each.id for each in names if isinstance(each.ctx, ast.Load)}


def _bound(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that are given a meaning, or whose object gets a part."""
    return {name for node in nodes for name in _bound_by(node)}


def _bound_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (*_DEFINITIONS, ast.Lambda)):
        if not isinstance(node, ast.Lambda):
            yield node.name
        return
    if isinstance(node, _IMPORTS):
        yield from (each.asname or each.name.partition(".")[0] for each in node.names)
    elif isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
        while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
            node = node.value
        if isinstance(node, ast.Name):
            yield node.id
    elif isinstance(name := getattr(node, "name", None) or getattr(node, "rest", None), str):
        yield name  # of an except, or a pattern
    for child in ast.iter_child_nodes(node):
        yield from _bound_by(child)


def _is_docstring(body: _Body) -> bool:
    value = body[0].value if body and isinstance(body[0], ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)
