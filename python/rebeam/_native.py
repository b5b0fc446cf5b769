"""The native half of the runtime (c_src/module.c), as the rest of the package imports it."""

from _rebeam import (  # type: ignore[attr-defined]
    Atom,
    ProcessID,
    Reference,
    Response,
    Term,
    _op,
    _request,
    call,
    cast,
    no_reply,
    pack,
    response_error,
    response_ok,
    sleep,
    unpack,
)

__all__ = [
    "Atom",
    "ProcessID",
    "Reference",
    "Response",
    "Term",
    "_op",
    "_request",
    "call",
    "cast",
    "no_reply",
    "pack",
    "response_error",
    "response_ok",
    "sleep",
    "unpack",
]
