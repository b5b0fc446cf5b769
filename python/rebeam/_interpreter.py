"""What the native part needs of Python in an interpreter unit (c_src/unit.c)."""

from __future__ import annotations

import importlib.machinery
import traceback
from collections.abc import Callable
from typing import Any

from rebeam import _boot, _elixir
from rebeam._elixir import make_actor  # noqa: F401

finish = _boot.finish


def start(packed: bytes) -> str | None:
    """Prepares the interpreter, with what the program asks for if `packed` is not empty. None, or
    the traceback of what was raised."""
    try:
        _elixir.prepare()
        _explain_refusals()
        if packed:
            from rebeam import _units

            _units.begin(packed)
    except BaseException:
        return traceback.format_exc()
    return None


def _explain_refusals() -> None:
    """Has the error of a package that cannot be used here say what to do."""
    for loader in (importlib.machinery.ExtensionFileLoader, importlib.machinery.BuiltinImporter):
        for name in ("create_module", "exec_module"):
            setattr(loader, name, _explaining(loader.__dict__[name]))


def _explaining(function: Any) -> Any:
    wrapped: Callable[..., Any] = getattr(function, "__func__", function)

    def explaining(*args: Any) -> Any:
        try:
            return wrapped(*args)
        except ImportError as error:
            if "subinterpreter" in str(error).replace("-", ""):
                error.msg = (
                    f'{error.msg}: an actor with isolation="interpreter" cannot use it, '
                    'with isolation="process" it can'
                )
                error.args = (error.msg,)
            raise

    return type(function)(explaining) if isinstance(function, (staticmethod, classmethod)) else explaining
