"""What a script's body may take for running already, or for running at all: warnings at its lines.

Its trees start when it has ended, and an actor runs only where something supervises it.
"""

from __future__ import annotations

import ast
import linecache
import warnings
from collections.abc import Iterator

from rebeam import _frames, _kept, _trees
from rebeam._child import Child
from rebeam._trees import Tree

_LATER = "{name!r} starts when the body of the script has ended"
_UNSUPERVISED = "{name!r} is not supervised yet, so it does not run"
_INSTEAD = "; `with Supervisor([...]):` starts it at once"
_NEVER = "this {cls} is not supervised, so it does not run: give it to Supervisor([...])"


def look_for(name: str) -> None:
    """Called by the native part before the body of a script sends to a name that is not known
    (c_src/primitive/primitive.c). RuntimeWarning if there will be such a process, or might."""
    if not _kept.body_runs:
        return
    if any(name in _names(tree) for tree in _trees.made()):
        text = _LATER
    elif any(_name(instance) == name for _, instance in _kept.left()):
        text = _UNSUPERVISED
    else:
        return
    _, level = _frames.of_user()
    warnings.warn(text.format(name=name) + _INSTEAD, RuntimeWarning, stacklevel=level)


def _names(tree: Tree) -> Iterator[str | None]:
    yield tree.name
    each: Child
    for each in getattr(tree, "children", ()):
        if each.options["name"] is not None:
            yield each.options["name"]
        elif isinstance(each.item, Tree):
            yield from _names(each.item)
        else:
            yield _name(each.item)


def _name(item: object) -> str | None:
    name = getattr(item, "name", None)
    return name if isinstance(name, str) else None


def body_ended() -> None:
    """The body is over. RuntimeWarning for the first actor that it made in vain: nobody has started
    it, no line reads the name that it has, nor asks for something of such an object, as of any
    other."""
    for kept, _ in _kept.left():
        module, path, line = kept.place
        source = "".join(linecache.getlines(path)) if module == "__main__" else ""
        if source and _is_in_vain(kept.cls, line, ast.parse(source)):
            text = _NEVER.format(cls=kept.cls.__name__)
            warnings.warn_explicit(text, RuntimeWarning, path, line, module)
            return


def _is_in_vain(cls: type, line: int, source: ast.Module) -> bool:
    nodes = list(ast.walk(source))
    read = {node.id for node in nodes if isinstance(node, ast.Name) and _is_read(node)}
    made = (node for node in nodes if getattr(node, "lineno", None) == line)
    return any(_only_makes(node, cls, read) for node in made) and not _is_used(cls, source)


def _is_read(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Load)


def _only_makes(node: ast.AST, cls: type, read: set[str]) -> bool:
    """Whether that is a statement that makes such an object, and gives it at most a name that
    nothing reads."""
    if not isinstance(node, (ast.Expr, ast.Assign)) or not isinstance(node.value, ast.Call):
        return False
    made = node.value.func
    names = node.targets if isinstance(node, ast.Assign) else []
    return (isinstance(made, ast.Name) and made.id == cls.__name__) and all(
        isinstance(each, ast.Name) and each.id not in read for each in names
    )


def _is_used(cls: type, source: ast.Module) -> bool:
    """Whether the source asks for an attribute of the class's, outside of classes."""
    names = {name for base in cls.__mro__ for name in vars(base) if name[:2] != "__"}
    return any(node.attr in names for node in _outside_classes(source))


def _outside_classes(node: ast.AST) -> Iterator[ast.Attribute]:
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.Attribute):
            yield inner
        if not isinstance(inner, ast.ClassDef):
            yield from _outside_classes(inner)
