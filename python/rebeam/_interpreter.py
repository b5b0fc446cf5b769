"""What the native part needs of Python in an interpreter unit (c_src/unit.c)."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from importlib.machinery import BuiltinImporter, ExtensionFileLoader
from typing import Any

from rebeam import _boot, _elixir
from rebeam._elixir import make_actor  # noqa: F401

finish = _boot.finish


def start(packed: bytes) -> str | None:
    """Prepares the interpreter; `packed` is what the program wants there, if it is not empty.
    None, or the traceback of what was raised."""
    try:
        _elixir.prepare()
        _explain_refusals()
        if sys.version_info < (3, 13):
            # Its C half needs that of datetime, which cannot be used here, and would say so with
            # an AttributeError. So zoneinfo takes its Python half.
            sys.modules["_zoneinfo"] = None  # type: ignore[assignment]
        if packed:
            from rebeam import _units  # type: ignore[attr-defined]

            _units.begin(packed)
    except BaseException:
        return traceback.format_exc()
    return None


def _explain_refusals() -> None:
    """Has the error of a package that cannot be used here say what to do."""
    for name in ("create_module", "exec_module"):
        setattr(ExtensionFileLoader, name, _explaining(getattr(ExtensionFileLoader, name)))
        setattr(BuiltinImporter, name, staticmethod(_explaining(getattr(BuiltinImporter, name))))


def _explaining(function: Callable[..., Any]) -> Callable[..., Any]:
    def explaining(*args: Any) -> Any:
        try:
            return function(*args)
        except ImportError as error:
            if "subinterpreter" in error.msg.replace("-", ""):
                error.msg += ': with isolation="process" it can be used, not with "interpreter"'
                error.args = (error.msg,)
            raise

    # No frame in tracebacks, as rebeam._loader has it.
    explaining.__code__ = explaining.__code__.replace(
        co_filename=ExtensionFileLoader.get_code.__code__.co_filename
    )
    return explaining
