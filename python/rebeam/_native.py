"""The native half of the runtime (c_src/embed/module.c), as the rest of the package imports it."""

from _rebeam import (  # type: ignore[attr-defined]
    Atom,
    Packed,
    ProcessID,
    Promise,
    Reference,
    Response,
    Term,
    _kill_hard,
    _on_ended,
    _op,
    _refuse,
    _request,
    _suspend,
    call,
    cast,
    no_reply,
    pack,
    packed,
    response_error,
    response_ok,
    sleep,
    unpack,
)

# A process, a registered name, or (name, node).
Target = ProcessID | str | tuple[str, str]

__all__ = [
    "Atom",
    "Packed",
    "ProcessID",
    "Promise",
    "Reference",
    "Response",
    "Term",
    "_kill_hard",
    "_on_ended",
    "_op",
    "_refuse",
    "_request",
    "_suspend",
    "call",
    "cast",
    "no_reply",
    "pack",
    "packed",
    "response_error",
    "response_ok",
    "sleep",
    "unpack",
]
