"""What the native part needs of Python in an interpreter unit (c_src/embed/subinterpreter.c)."""

from __future__ import annotations

import _imp
import _thread
import copyreg
import importlib
import sys
import traceback
from collections.abc import Callable
from importlib.machinery import BuiltinImporter, ExtensionFileLoader, ModuleSpec
from typing import Any

from _rebeam import _main_load
from rebeam._engine import output
from rebeam._program import units
from rebeam._program.boot import finish, make

__all__ = ["finish", "load", "make", "start"]

_WAY_OUT = 'with isolation="process" it can be used, not with "interpreter"'
_REFUSED = "module {} does not support loading in subinterpreters"


def start(packed: bytes) -> str | None:
    """Prepares the interpreter; `packed` is what the program wants there, if it is not empty.
    None, or the traceback of what was raised."""
    try:
        output.by_line()
        _watch_extensions()
        if packed:
            units.begin(packed)
    except BaseException:
        return traceback.format_exc()
    return None


# ---- extension modules ---------------------------------------------------------------


def _watch_extensions() -> None:
    """Has the error of a module that cannot be used here say what to do."""
    if sys.version_info < (3, 13):
        # Its C half needs that of datetime, which cannot be used here, and would say so with an
        # AttributeError. So zoneinfo takes its Python half.
        sys.modules["_zoneinfo"] = None  # type: ignore[assignment]
    for name in ("create_module", "exec_module"):
        setattr(ExtensionFileLoader, name, _watched(getattr(ExtensionFileLoader, name)))
        setattr(BuiltinImporter, name, staticmethod(_watched(getattr(BuiltinImporter, name))))


def _watched(function: Callable[..., Any]) -> Callable[..., Any]:
    def watched(*args: Any) -> Any:
        try:
            if type(args[-1]) is ModuleSpec:
                _load_first(args[-1])
            return function(*args)
        except ImportError as error:
            if "subinterpreter" in error.msg.replace("-", ""):
                error.msg += f": {_WAY_OUT}"
                error.args = (error.msg,)
                if args[-1].name == "_datetime":
                    _mend_datetime()
            raise

    # No frame in tracebacks, as rebeam._engine.importer has it.
    for each in (watched, _load_first):
        each.__code__ = each.__code__.replace(
            co_filename=ExtensionFileLoader.get_code.__code__.co_filename
        )
    return watched


def _mend_datetime() -> None:
    """CPython 3.12 has datetime's Python half take the place of C's, which others have: objects
    have to come apart into what both can be made of, under the names of both."""
    half = importlib.import_module("_pydatetime")
    for name in half.__all__:
        if isinstance(found := getattr(half, name), type):
            found.__module__ = "datetime"
    copyreg.pickle(half.timezone, lambda zone: (type(zone), zone.__getinitargs__()))


def _load_first(spec: ModuleSpec) -> None:
    """CPython 3.12 finds out that a module must not be here by initialising it, which breaks its
    static types for all interpreters. What the main interpreter had before, it knows."""
    if sys.version_info >= (3, 13):
        return
    failure = _main_load(spec.name, None if spec.origin == "built-in" else spec.origin)
    if failure is not None:
        raise ImportError(f"{_REFUSED.format(spec.name)} ({failure})", name=spec.name)


_loading = _thread.allocate_lock()


def load(name: str, path: str | None) -> str | None:
    """In the main interpreter: has an extension module initialised there, unless it was. None, or
    the text of what that raised: it is no module that could be used in others."""
    with _loading:
        if name in sys.modules:
            return None
        spec = ModuleSpec(name, None, origin=path)
        try:
            _imp.create_builtin(spec) if path is None else _imp.create_dynamic(spec)
        except BaseException as error:
            return f"{type(error).__name__}: {error}"
    return None
