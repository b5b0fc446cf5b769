"""How objects come apart and are made again, where Python's own ways do not do."""

from __future__ import annotations

import copyreg
import sys
import types
from typing import Any

__all__ = ["find_global", "make_exception", "reduce_own"]


def find_global(value: Any, name: str | None) -> tuple[str, str]:
    """Return the module and the qualified name that lead to a class, function or constant.

    Raises pickle.PicklingError if none do.
    """
    import pickle  # takes a while, and few programs come here

    shown = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    path = str(name or shown or repr(value))
    module = str(pickle.whichmodule(value, path))  # type: ignore[attr-defined]
    try:
        __import__(module)
        found: Any = sys.modules[module]
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, KeyError, AttributeError):
        raise pickle.PicklingError(f"{module} holds no {path}") from None
    if found is not value:
        raise pickle.PicklingError(f"{module}.{path} is another object")
    return module, path


def make_exception(kind: type[BaseException], args: tuple[Any, ...]) -> BaseException:
    """Make an exception whose class may take other arguments than it keeps in `args`.

    Its own __init__ is not called; that of the builtin class it comes from is.
    """
    try:
        made = kind.__new__(kind, *args)
    except TypeError:
        made = BaseException.__new__(kind, *args)
    for base in kind.__mro__:
        init = base.__dict__.get("__init__")
        if init is not None and not isinstance(init, types.FunctionType):
            init(made, *args)
            break
    return made


def reduce_own(value: Any) -> tuple[Any, ...] | None:
    """Return what __reduce__ would, for types of polars and pandas; None if their own does."""
    if type(value).__module__.startswith("polars."):
        return _reduce_polars(value)
    return _reduce_pandas(value)


def _reduce_pandas(value: Any) -> tuple[Any, ...] | None:
    """Texts, which lie in Arrow's memory: what pandas pickles is a copy of it, for the sake of
    slices, which would take all of their memory along. Numbers may lie in a numpy array that their
    owner can change: they stay copies.
    """
    arrays = getattr(sys.modules.get("pandas"), "arrays", None)
    base = getattr(arrays, "ArrowExtensionArray", None)
    if base is None or not isinstance(value, base):
        return None
    state = dict(vars(value))
    array: Any = state.get("_pa_array")
    known = type(value).__getstate__ is base.__getstate__ and "_cache" in state
    if not known or str(array.type) not in ("string", "large_string") or array.num_chunks != 1:
        return None
    chunk = array.chunk(0)
    if chunk.get_total_buffer_size() > chunk.nbytes + _PADDING:
        return None
    return copyreg.__newobj__, (type(value),), {**state, "_pa_array": chunk, "_cache": {}}  # type: ignore[attr-defined]


# By how much Arrow's buffers may be larger than what is in them, in bytes.
_PADDING = 4096


def _reduce_polars(value: Any) -> tuple[Any, ...] | None:
    """Columns go by way of Arrow, which shares their memory; without pyarrow, or with types that
    Arrow does not give back as they were, polars pickles itself.
    """
    polars = sys.modules["polars"]
    kind = type(value)
    if kind not in (polars.DataFrame, polars.Series):
        return None
    frame = value if kind is polars.DataFrame else value.to_frame()
    if not all(_arrow_keeps(dtype) for dtype in frame.dtypes):
        return None
    try:
        table = frame.to_arrow(compat_level=polars.CompatLevel.newest())
    except (ImportError, AttributeError, TypeError):  # no pyarrow, or another polars
        return None
    return _make_polars, (kind is polars.Series, table)


_ARROW_KEEPS = {
    "Boolean",
    "Date",
    "Datetime",
    "Duration",
    "Float32",
    "Float64",
    "Int16",
    "Int32",
    "Int64",
    "Int8",
    "String",
    "Binary",
    "Time",
    "UInt16",
    "UInt32",
    "UInt64",
    "UInt8",
}


def _arrow_keeps(dtype: Any) -> bool:
    name = dtype.base_type().__name__
    return name in _ARROW_KEEPS or (name == "List" and _arrow_keeps(dtype.inner))


def _make_polars(series: bool, table: Any) -> Any:
    import polars  # type: ignore[import-not-found, unused-ignore]

    frame = polars.from_arrow(table)
    return frame.to_series() if series else frame
