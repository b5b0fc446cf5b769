"""What may be supervised: actors, classes, functions, modules, paths of scripts."""

from __future__ import annotations

import ast
import functools
import importlib.util
import inspect
import os
import re
import sys
import traceback  # noqa: F401  here, as an actor that is killed while it tells why cannot import it
import types
import typing
from typing import Any

from rebeam._engine import event_loop, files, importer
from rebeam._genpy import GenPy
from rebeam._handlers import asynchronous
from rebeam._marks import marks_of
from rebeam._recipe import Recipe
from rebeam._trees import Tree


def check(item: Any) -> None:
    """TypeError or FileNotFoundError, at the place that names the item, if it is none."""
    if isinstance(item, (str, os.PathLike)):
        if not os.path.isfile(item):
            raise FileNotFoundError(f"no script {os.fspath(item)!r} (in {os.getcwd()})")
    elif isinstance(item, type) and issubclass(item, Tree):
        raise TypeError(f"cannot supervise the class {item.__name__}: give an instance")
    elif isinstance(item, functools.partial) and is_actor_class(plain(item.func)):
        raise TypeError(f"cannot supervise {item!r}: give an instance of {label(item.func)}")
    elif not isinstance(item, (GenPy, Tree, types.ModuleType)):
        _check_class(item if isinstance(item, type) else type(item))
        if not callable(item):
            raise TypeError(f"cannot supervise {_shown(item)}: {_instead_of(item)}")


def _check_class(cls: type) -> None:
    """TypeError for a class that was meant to be an actor's."""
    if not is_actor_class(cls) and any(marks_of(value) for value in vars(cls).values()):
        name = cls.__name__
        raise TypeError(f"{name} has handlers and is no actor: write class {name}(GenPy)")


def _shown(item: object) -> str:
    return f"what {item.__name__}() gave" if inspect.iscoroutine(item) else repr(item)


def _instead_of(item: object) -> str:
    if inspect.iscoroutine(item):
        item.close()  # and CPython says nothing of it
        return f"give the function itself, {item.__name__}"
    if item is None:
        return "if a function was called there, give the function itself: main, not main()"
    return (
        "give a GenPy instance or class, a function, a module, the path of a script, "
        "or a Supervisor"
    )


def check_arguments(item: Any) -> None:
    """TypeError for a class or a function that wants arguments: nobody gives it any."""
    name = getattr(item, "__name__", "")
    if is_actor_class(item):
        wanted = _wanted(item.__init__, 1) if type(item).__call__ is type.__call__ else []
        instead = f"give an instance, {name}({', '.join(wanted)})"
    elif isinstance(item, (types.FunctionType, types.MethodType)):
        wanted = _wanted(item, int(inspect.ismethod(item)))
        instead = f"give functools.partial({name}, ...)"
    else:
        return
    if wanted:
        missing = " and ".join(map(repr, wanted))
        raise TypeError(f"{name} wants {missing}, and gets no arguments here: {instead}")


def _wanted(function: Any, skipped: int) -> list[str]:
    """The parameters of a function in Python that have no default, but for the first ones."""
    code = getattr(function, "__code__", None)
    if type(code) is not types.CodeType:
        return []
    count, behind = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
    optional = function.__kwdefaults__ or {}
    wanted = list(code.co_varnames[skipped : count - len(function.__defaults__ or ())])
    return wanted + [name for name in code.co_varnames[count:behind] if name not in optional]


def plain(item: Any) -> Any:
    """The item; of a generic actor with its parameters, such as `Cache[int]`, the class."""
    origin = typing.get_origin(item)
    return origin if is_actor_class(origin) else item


def is_actor_class(item: Any) -> bool:
    """Whether it is a GenPy."""
    return isinstance(item, type) and issubclass(item, GenPy)


def label(item: Any) -> str:
    """What logs call the item: text to Erlang too, whatever its name is."""
    return _name(item).encode(errors="backslashreplace").decode()


def _name(item: Any) -> str:
    if isinstance(item, (GenPy, Tree)):
        name = getattr(item, "name", None)
        return name if isinstance(name, str) and name else type(item).__name__
    if isinstance(item, (str, os.PathLike)):
        return os.path.splitext(os.path.basename(item))[0]
    if isinstance(item, functools.partial):
        return _name(item.func)
    return str(getattr(item, "__name__", None) or type(item).__name__)


def recipe(item: Any) -> Any:
    """What Elixir holds for the item: a Recipe for an actor, else a function to run."""
    if is_actor_class(item):
        return Recipe(item)
    if isinstance(item, types.ModuleType):
        return ModuleRun(item.__name__, getattr(item, "__file__", None))
    if isinstance(item, (str, os.PathLike)):
        return _of_script(os.path.abspath(item))
    return event_loop.handler(item) if inspect.iscoroutinefunction(item) else item


def check_thread(item: Any) -> None:
    """TypeError for what cannot have a thread of its own: its code runs in the event loop's."""
    cls = item.cls if isinstance(item, Recipe) else item if isinstance(item, type) else type(item)
    name = asynchronous(cls) if issubclass(cls, GenPy) or isinstance(item, Recipe) else None
    if name is None and inspect.iscoroutinefunction(inspect.unwrap(item)):
        name = label(item)
    if name is not None:
        raise TypeError(
            f"thread='dedicated' is not for {name}: an async def runs in the event loop's thread"
        )


def _of_script(path: str) -> Any:
    """A script that defines one GenPy is that actor; any other runs as a module."""
    if not _defines_one_actor(path):
        return ModuleRun(os.path.splitext(os.path.basename(path))[0], path)
    module = _import_script(path)
    found = [
        each
        for each in vars(module).values()
        if is_actor_class(each) and each.__module__ == module.__name__
    ]
    return Recipe(found[0]) if len(found) == 1 else ModuleRun(module.__name__, path)


def _defines_one_actor(path: str) -> bool:
    """Without running it: exactly one class whose bases lead to a GenPy, by name."""
    tree = ast.parse(files.read(path), path)
    actors: set[str] = {"GenPy", "GenStateMachine"}
    found = 0
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(_base(each) in actors for each in node.bases):
            actors.add(node.name)
            found += 1
    return found == 1


def _base(node: ast.expr) -> str | None:
    if isinstance(node, ast.Subscript):  # of a generic one
        return _base(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _import_script(path: str) -> types.ModuleType:
    """Imports a script under its own name, once."""
    name = os.path.splitext(os.path.basename(path))[0]
    if name in sys.modules and getattr(sys.modules[name], "__file__", None) != path:
        name += re.sub(r"\W", "_", path)  # another folder has one of the same name
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path, loader=importer.Loader(name, path))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


class ModuleRun:
    """Runs a module as `python -m` would: fresh, with `__name__ == "__main__"`."""

    def __init__(self, name: str, path: str | None) -> None:
        if path is None:
            raise TypeError(f"module {name} has no source file to run")
        self.__name__ = name
        self._path = path

    def __call__(self) -> None:
        code = importer.load_script(self._path)
        module = types.ModuleType("__main__")
        module.__file__ = self._path
        module.__dict__["__builtins__"] = __builtins__
        exec(code, module.__dict__)
